// Security: TLS, SASL, authorization, delegation tokens.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import {
  bool,
  double,
  int,
  javaClass,
  list,
  long,
  password,
  short,
  text,
  type SettingTable,
} from '../setting.ts'
import { NO_JAVA, NO_SECURITY, ONE_NODE } from './inert.ts'

export const SECURITY = {
  'authorizer.class.name': text(
    '',
    'LOW',
    'Java class that decides who may do what. Empty: everybody may do everything.',
    { inert: NO_SECURITY },
  ),
  'principal.builder.class': javaClass(
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
    'MEDIUM',
    'Java class that makes a principal of a connection.',
    { dynamic: 'per-broker', inert: NO_JAVA },
  ),
  'security.providers': text(null, 'LOW', 'Java classes of security providers.', { inert: NO_JAVA }),
  'ssl.allow.dn.changes': bool(false, 'LOW', 'Let a new certificate carry another distinguished name.', {
    inert: NO_SECURITY,
  }),
  'ssl.allow.san.changes': bool(
    false,
    'LOW',
    'Let a new certificate carry other subject alternative names.',
    { inert: NO_SECURITY },
  ),
  'ssl.cipher.suites': list('', 'MEDIUM', "Cipher suites allowed; empty for the library's choice.", {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.client.auth': text('none', 'MEDIUM', 'Whether clients must, may or need not show a certificate.', {
    oneOf: ['required', 'requested', 'none'],
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.enabled.protocols': list('TLSv1.2,TLSv1.3', 'MEDIUM', 'TLS versions allowed.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.endpoint.identification.algorithm': text(
    'https',
    'LOW',
    "How the name in a server's certificate is checked when connecting.",
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'ssl.engine.factory.class': javaClass(null, 'LOW', 'Java class that makes TLS engines.', {
    dynamic: 'per-broker',
    inert: NO_JAVA,
  }),
  'ssl.key.password': password(null, 'MEDIUM', 'Password of the private key.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.keymanager.algorithm': text('SunX509', 'MEDIUM', "Algorithm of Java's key manager.", {
    dynamic: 'per-broker',
    inert: NO_JAVA,
  }),
  'ssl.keystore.certificate.chain': password(null, 'MEDIUM', 'Certificate chain in PEM.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.keystore.key': password(null, 'MEDIUM', 'Private key in PEM.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.keystore.location': text(null, 'MEDIUM', 'File with private key and certificate.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.keystore.password': password(null, 'MEDIUM', 'Password of that file.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.keystore.type': text('JKS', 'MEDIUM', 'Format of that file: PEM, PKCS12 or JKS.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.principal.mapping.rules': text(
    'DEFAULT',
    'LOW',
    "Rules that turn a certificate's name into a user name.",
    { inert: NO_SECURITY },
  ),
  'ssl.protocol': text('TLSv1.3', 'MEDIUM', 'TLS version to prefer.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.provider': text(null, 'MEDIUM', 'Java security provider for TLS.', {
    dynamic: 'per-broker',
    inert: NO_JAVA,
  }),
  'ssl.secure.random.implementation': text(null, 'LOW', "Java's source of random numbers for TLS.", {
    dynamic: 'per-broker',
    inert: NO_JAVA,
  }),
  'ssl.trustmanager.algorithm': text('PKIX', 'MEDIUM', "Algorithm of Java's trust manager.", {
    dynamic: 'per-broker',
    inert: NO_JAVA,
  }),
  'ssl.truststore.certificates': password(null, 'MEDIUM', 'Trusted certificates in PEM.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.truststore.location': text(null, 'MEDIUM', 'File with trusted certificates.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.truststore.password': password(null, 'MEDIUM', 'Password of that file.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'ssl.truststore.type': text('JKS', 'MEDIUM', 'Format of that file: PEM, PKCS12 or JKS.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.enabled.mechanisms': list('GSSAPI', 'MEDIUM', 'SASL mechanisms offered to clients.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.jaas.config': password(null, 'MEDIUM', 'Login modules and their options, in JAAS syntax.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.mechanism.inter.broker.protocol': text(
    'GSSAPI',
    'MEDIUM',
    'SASL mechanism brokers use among themselves.',
    { dynamic: 'per-broker', inert: ONE_NODE },
  ),
  'sasl.mechanism.controller.protocol': text('GSSAPI', 'HIGH', 'SASL mechanism used towards controllers.', {
    inert: ONE_NODE,
  }),
  'sasl.server.callback.handler.class': javaClass(null, 'MEDIUM', 'Java class that checks credentials.', {
    inert: NO_JAVA,
  }),
  'sasl.server.max.receive.size': int(524_288, 'MEDIUM', 'Largest SASL message accepted.', {
    inert: NO_SECURITY,
  }),
  'sasl.client.callback.handler.class': javaClass(null, 'MEDIUM', 'Java class that supplies credentials.', {
    inert: NO_JAVA,
  }),
  'sasl.login.callback.handler.class': javaClass(
    null,
    'MEDIUM',
    'Java class that supplies credentials at login.',
    { inert: NO_JAVA },
  ),
  'sasl.login.class': javaClass(null, 'MEDIUM', 'Java class that logs in.', { inert: NO_JAVA }),
  'sasl.login.connect.timeout.ms': int(
    null,
    'LOW',
    'How long to wait for a connection to an identity provider.',
    { inert: NO_SECURITY },
  ),
  'sasl.login.read.timeout.ms': int(null, 'LOW', "How long to wait for an identity provider's answer.", {
    inert: NO_SECURITY,
  }),
  'sasl.login.refresh.buffer.seconds': short(
    300,
    'MEDIUM',
    'Time before expiry in which a credential must have been renewed.',
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.login.refresh.min.period.seconds': short(
    60,
    'MEDIUM',
    'Shortest time between two renewals of a credential.',
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.login.refresh.window.factor': double(
    0.8,
    'MEDIUM',
    "Part of a credential's life after which it is renewed.",
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.login.refresh.window.jitter': double(0.05, 'MEDIUM', 'Random part of that moment.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.login.retry.backoff.ms': long(100, 'LOW', 'First pause after a failed login.', {
    inert: NO_SECURITY,
  }),
  'sasl.login.retry.backoff.max.ms': long(10000, 'LOW', 'Longest pause after failed logins.', {
    inert: NO_SECURITY,
  }),
  'sasl.kerberos.kinit.cmd': text('/usr/bin/kinit', 'MEDIUM', 'Path of kinit.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.kerberos.min.time.before.relogin': long(
    60000,
    'MEDIUM',
    'Shortest time between two Kerberos logins.',
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.kerberos.principal.to.local.rules': list(
    'DEFAULT',
    'MEDIUM',
    'Rules that turn a Kerberos principal into a user name.',
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.kerberos.service.name': text(null, 'MEDIUM', 'Kerberos name of this service.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.kerberos.ticket.renew.jitter': double(0.05, 'MEDIUM', 'Random part of the moment of renewal.', {
    dynamic: 'per-broker',
    inert: NO_SECURITY,
  }),
  'sasl.kerberos.ticket.renew.window.factor': double(
    0.8,
    'MEDIUM',
    "Part of a ticket's life after which it is renewed.",
    { dynamic: 'per-broker', inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.assertion.algorithm': text('RS256', 'MEDIUM', 'Algorithm that signs an assertion.', {
    oneOf: ['ES256', 'RS256'],
    ignoreCase: true,
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.claim.aud': text(null, 'MEDIUM', 'Audience of an assertion.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.claim.exp.seconds': int(300, 'LOW', 'Life of an assertion.', {
    min: 0,
    max: 86400,
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.claim.iss': text(null, 'MEDIUM', 'Issuer of an assertion.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.claim.jti.include': bool(false, 'MEDIUM', 'Give each assertion an id.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.claim.nbf.seconds': int(
    60,
    'LOW',
    "How far back an assertion's start is dated.",
    { min: 0, max: 3600, inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.assertion.claim.sub': text(null, 'MEDIUM', 'Subject of an assertion.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.file': text(null, 'MEDIUM', 'File with a ready-made assertion.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.private.key.file': text(
    null,
    'MEDIUM',
    'File with the key that signs assertions.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.assertion.private.key.passphrase': password(null, 'MEDIUM', 'Passphrase of that key.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.assertion.template.file': text(
    null,
    'MEDIUM',
    'File with claims every assertion carries.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.client.credentials.client.id': text(
    null,
    'MEDIUM',
    'Client id to ask for a token with.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.client.credentials.client.secret': password(
    null,
    'MEDIUM',
    'Client secret to ask for a token with.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.clock.skew.seconds': int(
    30,
    'LOW',
    'How far the clocks of issuer and broker may differ.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.expected.audience': list('', 'HIGH', 'Audiences of which a token must name one.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.expected.issuer': text(null, 'HIGH', 'Issuer a token must name.', { inert: NO_SECURITY }),
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': long(
    3_600_000,
    'LOW',
    "How often the issuer's keys are fetched again.",
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': long(
    100,
    'LOW',
    'First pause after the keys could not be fetched.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': long(
    10000,
    'LOW',
    'Longest pause after the keys could not be fetched.',
    { inert: NO_SECURITY },
  ),
  'sasl.oauthbearer.jwks.endpoint.url': text(null, 'MEDIUM', "Where the issuer's keys are.", {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.jwt.retriever.class': javaClass(
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever',
    'MEDIUM',
    'Java class that gets tokens.',
    { inert: NO_JAVA },
  ),
  'sasl.oauthbearer.jwt.validator.class': javaClass(
    'org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator',
    'MEDIUM',
    'Java class that checks tokens.',
    { inert: NO_JAVA },
  ),
  'sasl.oauthbearer.scope': text(null, 'MEDIUM', 'Scope to ask for.', { inert: NO_SECURITY }),
  'sasl.oauthbearer.scope.claim.name': text('scope', 'LOW', 'Claim that holds the scope.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.sub.claim.name': text('sub', 'LOW', 'Claim that holds the user name.', {
    inert: NO_SECURITY,
  }),
  'sasl.oauthbearer.token.endpoint.url': text(null, 'MEDIUM', 'Where tokens are issued.', {
    inert: NO_SECURITY,
  }),
  'delegation.token.secret.key': password(
    null,
    'MEDIUM',
    'Secret that signs delegation tokens. Without it there are none.',
    { inert: NO_SECURITY },
  ),
  'delegation.token.expiry.check.interval.ms': long(
    3_600_000,
    'LOW',
    'How often delegation tokens are looked at for expiry.',
    { min: 1, inert: NO_SECURITY },
  ),
  'delegation.token.expiry.time.ms': long(
    86_400_000,
    'MEDIUM',
    'Life of a delegation token unless it is renewed.',
    { min: 1, inert: NO_SECURITY },
  ),
  'delegation.token.max.lifetime.ms': long(604_800_000, 'MEDIUM', 'Longest life of a delegation token.', {
    min: 1,
    inert: NO_SECURITY,
  }),
} satisfies SettingTable
