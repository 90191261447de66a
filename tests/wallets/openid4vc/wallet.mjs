// A wallet on @openid4vc/openid4vci: takes {link, tx_code, configuration, curve} as JSON on standard input, walks the
// whole pre-authorized code flow, and prints what it got as JSON: {credential, key, draft} or {error}.
import { randomBytes, createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { clientAuthenticationAnonymous, setGlobalConfig } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'

const asked = JSON.parse(readFileSync(0, 'utf8'))
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const isEd25519 = asked.curve === 'Ed25519'
const algorithm = isEd25519 ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
const publicJwk = isEd25519 ? { kty, crv, x } : { kty, crv, x, y }

async function signJwt(_signer, { header, payload }) {
  const input = `${encoded(header)}.${encoded(payload)}`
  const signature = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input))
  return { jwt: `${input}.${Buffer.from(signature).toString('base64url')}`, signerJwk: publicJwk }
}

setGlobalConfig({ allowInsecureUrls: true }) // the platform under test listens on the loopback address
const client = new Openid4vciClient({
  callbacks: {
    fetch,
    signJwt,
    generateRandom: (length) => randomBytes(length),
    hash: (data, algorithmName) => createHash(algorithmName.replace('-', '')).update(data).digest(),
    clientAuthentication: clientAuthenticationAnonymous(),
  },
})

async function taken() {
  const credentialOffer = await client.resolveCredentialOffer(asked.link)
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode: asked.tx_code,
  })
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata, nonce, issuedAt: new Date(), credentialConfigurationId: asked.configuration,
    signer: { method: 'jwk', alg: isEd25519 ? 'EdDSA' : 'ES256', publicJwk },
  })
  const accessToken = accessTokenResponse.access_token
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata, accessToken, credentialConfigurationId: asked.configuration, proofs: { jwt: [jwt] },
  })
  await client.sendNotification({
    issuerMetadata, accessToken,
    notification: { notificationId: credentialResponse.notification_id, event: 'credential_accepted' },
  })
  const [{ credential }] = credentialResponse.credentials
  return { credential, key: publicJwk, draft: issuerMetadata.originalDraftVersion }
}

console.log(JSON.stringify(await taken().catch((error) => ({ error: `${error.name}: ${error.message}` }))))
