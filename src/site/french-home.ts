/** French of the home page. */
import { version } from './api-info.ts'
import type { HomeWords } from './home-words.ts'
import { prose } from './html.ts'

/** What each list is, by its name on the home page. */
const lists: Record<string, string> = {
  conventions: 'Les conventions.',
  signatories: 'Les signataires de toutes les conventions.',
  amendments: 'Les avenants de toutes les conventions.',
  axes: 'Les axes de toutes les conventions.',
  actions: 'Les actions de toutes les conventions.',
  serviceSites: 'Les lieux de service.',
  organizations: 'Les organismes.',
  territories: 'Le code officiel géographique.',
  vocabularies: 'Les listes fermées de codes, avec leurs libellés.',
  sources: 'Les systèmes qui synchronisent des conventions.',
  coverage: 'Ce que couvrent les conventions, par département, région et Caf ; aussi en carte.',
  renewals: 'Les fins de convention, par mois.',
}

export const french: HomeWords = {
  name: 'Registre des CTG',
  label: `version ${version}`,
  summary: 'Les conventions territoriales globales de France, en données ouvertes',
  introduction:
    'Une CTG est l’accord par lequel une Caf, les communes et d’autres organismes publics d’un territoire planifient pour quelques années leurs services aux familles : qui a signé, jusqu’à quand, selon quels axes, avec quelles actions, et où les familles trouvent quoi. Ce sont ici des données ouvertes, servies par une API REST.',
  explore: 'Explorer l’API',
  guide: 'ou lire d’abord le <a href="/guide">guide</a> (en anglais).',
  callsHeading: 'Appels à essayer',
  calls: {
    '/v1/conventions?communeCode=61342': 'Les conventions dont le périmètre contient la commune de Rai.',
    '/v1/signatories?validOn=2020-06-01&include=organization': 'Qui était engagé le 1er juin 2020, avec les noms.',
    '/v1/actions?include=axes': 'Ce qui est prévu, et selon quels axes.',
    '/v1/search?q=parentalite': 'Tout ce qui parle de parentalité, le plus pertinent d’abord.',
  },
  writingHeading: 'Lire et écrire',
  writing: prose(
    'La lecture est libre et sans clé. Écrire en demande une : les gestionnaires du registre la créent par `npm run keys -- create NOM`, et vous l’envoyez comme `Authorization: Bearer CLÉ`.',
  ),
  syncHeading: 'Pour le système d’une Caf',
  sync: `${prose('Décrivez chaque convention en un document, avec vos propres clés, et envoyez-le par `PUT` à `/v1/sources/{source}/conventions/{key}`, d’abord avec `dryRun=true` : le registre fait le plus petit changement, et le même document une seconde fois ne change rien. Pour tenir une copie, prenez une fois un')} <a href="/v1/snapshot">instantané</a>, ${prose('continuez depuis son `next` dans le')} <a href="/v1/changes">fil des changements</a>${prose(', qui n’en manque aucun et n’en dit aucun deux fois, et comparez de temps en temps avec')} <a href="/v1/digest">l’empreinte</a>. ${prose('Envoyez une `Idempotency-Key` avec chaque écriture, pour pouvoir la répéter après une panne.')}`,
  listsHeading: 'Tout ce qu’il y a',
  wordsOf: (list: string, words: string) => lists[list] ?? words,
  programsHeading: 'Pour votre programme',
  programs: [
    'Le document OpenAPI 3.1, <a href="/openapi.json">en JSON</a> et <a href="/openapi.yaml">en YAML</a>, donne un client dans votre langage.',
    `Le service répond-il ? <a href="/health/ready">État</a>. ${prose('Cette page pour les programmes : demandez-la avec `Accept: application/json`.')}`,
    'Pour les catalogues : <a href="/catalog.jsonld">DCAT-AP</a> et le <a href="/.well-known/api-catalog">catalogue d’API</a>.',
  ],
  termsHeading: 'Conditions',
  terms: (licence: string) =>
    `Les données sont sous ${licence} : utilisez-les librement, en citant ce registre et la date de votre copie. Les chemins, noms et significations de l’API demeurent ; de nouveaux champs et codes peuvent apparaître.`,
  contact: (mailbox: string) => `Questions, corrections : ${mailbox}.`,
  problems: 'Quand quelque chose échoue : les problèmes',
  problem:
    'Toute erreur est un problème (RFC 9457) ; son type mène à l’une de ces pages. Les réponses de l’API sont en anglais.',
  footer: (licence: string) => `Logiciel libre sous ${licence}.`,
}
