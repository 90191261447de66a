// Signs or verifies credentials with @digitalbazaar/vc. Takes {task, documents, warm_up, published, keys} as JSON on
// standard input: `published` is all that can be fetched, by address; `keys` are Multikeys, which their controllers let
// assert. "issue" signs with the first, which has its secret part, and prints {documents, seconds, cpu_seconds};
// "verify" looks states up too and prints {verdicts, seconds, cpu_seconds}, where a verdict is null or the reason of a
// refusal. The first `warm_up` documents are done twice, and their first time is not counted.
import { readFileSync } from 'node:fs'
import * as vc from '@digitalbazaar/vc'
import { DataIntegrityProof } from '@digitalbazaar/data-integrity'
import { checkStatus } from '@digitalbazaar/vc-bitstring-status-list'
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey'
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite'

const DID_CONTEXTS = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1']
const { task, documents, warm_up: warmUp, published, keys } = JSON.parse(readFileSync(0, 'utf8'))
const kept = new Map(Object.entries(published))
for (const { secretKeyMultibase, ...publicKey } of keys) {
  const { id, controller } = publicKey
  kept.set(id, publicKey)
  kept.set(controller, { '@context': DID_CONTEXTS, id: controller, assertionMethod: [publicKey] })
}

async function documentLoader(url) {
  if (!kept.has(url)) throw new Error(`${url} is not kept here`)
  return { contextUrl: null, documentUrl: url, document: kept.get(url), tag: 'static' }
}

function reasonOf(error) {
  return (error.errors ?? [error]).map((each) => each.message).join('; ')
}

const WAYS = {
  async issue(credential) {
    const signer = (await Ed25519Multikey.from(keys[0])).signer()
    return vc.issue({ credential, suite: new DataIntegrityProof({ signer, cryptosuite }), documentLoader })
  },
  async verify(credential) {
    const suite = new DataIntegrityProof({ cryptosuite })
    const found = await vc.verifyCredential({ credential, suite, documentLoader, checkStatus })
    const states = found.statusResult?.results ?? []
    const set = states.filter(({ status }) => status).map(({ credentialStatus }) => credentialStatus.statusPurpose)
    return found.verified ? set.join(', ') || null : reasonOf(found.error ?? found.statusResult.error)
  },
}
const NAMES = { issue: 'documents', verify: 'verdicts' }

for (const each of documents.slice(0, warmUp)) await WAYS[task](structuredClone(each))
const began = process.hrtime.bigint()
const before = process.cpuUsage()
const done = []
for (const each of documents) done.push(await WAYS[task](each))
const { user, system } = process.cpuUsage(before)
const seconds = Number(process.hrtime.bigint() - began) / 1e9
console.log(JSON.stringify({ [NAMES[task]]: done, seconds, cpu_seconds: (user + system) / 1e6 }))
