// Who may import whom (docs/adr/0001). A rule here is the wall between two rooms.
const tests = '\\.test\\.ts$|/testing/'
const parts = ['partitions', 'coordinators', 'controller', 'security', 'quotas']
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'protocol-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^protocol/', pathNot: tests },
      to: { path: '^(storage|broker|cli|bench|compat-tests)/' },
    },
    {
      name: 'protocol-does-no-io',
      severity: 'error',
      from: { path: '^protocol/', pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(zlib|buffer|module)$' },
    },
    {
      name: 'storage-sees-protocol-but-not-its-apis',
      severity: 'error',
      from: { path: '^storage/', pathNot: tests },
      to: { path: '^(broker|cli|bench|compat-tests|protocol/apis)/' },
    },
    {
      name: 'only-fs-node-touches-the-file-system',
      severity: 'error',
      from: { path: '^(storage|broker)/', pathNot: `^storage/fs/|^storage/worker|${tests}` },
      to: { dependencyTypes: ['core'], path: '^(node:)?fs' },
    },
    {
      name: 'rooms-that-decide-never-see-storage',
      severity: 'error',
      from: { path: '^broker/(coordinators|controller|metadata|ports|security|quotas)/', pathNot: tests },
      to: { path: '^storage/' },
    },
    {
      name: 'handlers-never-see-storage',
      severity: 'error',
      from: { path: '^broker/handlers/', pathNot: tests },
      to: { path: '^(storage|broker/net|cli)/' },
    },
    {
      name: 'net-sees-only-the-registry',
      severity: 'error',
      from: { path: '^broker/net/', pathNot: tests },
      to: { path: '^(storage|broker/(partitions|coordinators|controller|security|quotas|metadata))/' },
    },
    ...parts.map(part => ({
      name: `${part}-meets-the-other-parts-only-through-ports`,
      severity: 'error',
      from: { path: `^broker/${part}/`, pathNot: tests },
      to: { path: `^broker/(${parts.filter(p => p !== part).join('|')}|handlers|net)/` },
    })),
    {
      name: 'nobody-imports-the-composition-root',
      severity: 'error',
      from: { path: '^(protocol|storage|broker)/', pathNot: `^broker/(broker|index)\\.ts$|${tests}` },
      to: { path: '^broker/broker\\.ts$' },
    },
    {
      name: 'wiring-belongs-to-the-composition-root',
      severity: 'error',
      from: { pathNot: `^broker/(broker\\.ts|wiring/)|${tests}` },
      to: { path: '^broker/wiring/' },
    },
    {
      name: 'raft-joins-storage-to-the-controllers-port',
      severity: 'error',
      from: { path: '^broker/raft/', pathNot: tests },
      to: { path: '^broker/', pathNot: '^broker/(raft|metadata|ports)/' },
    },
    { name: 'no-test-code-in-the-product', severity: 'error', from: { pathNot: `${tests}|^(bench|compat-tests)/` }, to: { path: '\\.test\\.ts$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules|\\.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
