/** French of the problem pages: the words of problem-types.ts and error-codes.ts, for people. Answers stay English. */
import type { bodyCodes, conflictCodes, parameterCodes } from '../http/errors/error-codes.ts'
import type { ProblemType } from '../http/errors/problem-types.ts'
import type { ProblemSlug } from '../http/errors/problems.ts'

/** The title, the explanation and the remedy of each problem. */
export const frenchProblems: Record<ProblemSlug, Pick<ProblemType, 'title' | 'explanation' | 'remedy'>> = {
  'bad-request': {
    title: 'La requête est illisible',
    explanation: 'La requête enfreint les règles de HTTP, ou son corps n’est pas du JSON valide en UTF-8.',
    remedy:
      'Comparez ce que votre programme a vraiment envoyé avec `detail`. Un nom ne figure qu’une fois par objet JSON.',
  },
  'invalid-parameter': {
    title: 'Un paramètre est faux',
    explanation: 'Une partie du chemin, de la requête ou d’un en-tête est fausse, inconnue ou répétée.',
    remedy: 'Chaque entrée de `errors` nomme un paramètre et la règle qu’il enfreint. Corrigez-les toutes à la fois.',
  },
  'invalid-cursor': {
    title: 'Le curseur n’est pas valable ici',
    explanation:
      'Un curseur continue une liste, ou les changements, avec un jeu de filtres. Celui-ci a été modifié ou appartient à d’autres.',
    remedy: 'Reprenez `next` tel quel, avec les mêmes filtres, ou recommencez sans curseur.',
  },
  unauthorized: {
    title: 'Une clé d’API valable est nécessaire',
    explanation:
      'Écrire demande une clé d’API. Une clé fausse, révoquée, expirée ou vide est refusée en lecture aussi.',
    remedy: 'Envoyez `Authorization: Bearer VOTRE-CLÉ`, ou omettez l’en-tête pour lire ce qui est public.',
  },
  forbidden: {
    title: 'La clé n’en a pas le droit',
    explanation:
      'La clé est valable et voit la ressource, mais son rôle ou son organisme ne lui permet pas de la modifier.',
    remedy:
      'La description de l’opération dit ce qu’il faut. Prenez une telle clé, ou demandez-la aux gestionnaires du registre.',
  },
  'not-found': {
    title: 'La ressource est introuvable',
    explanation:
      'Le chemin ne mène nulle part, la ressource a été supprimée, ou c’est un brouillon que d’autres voient.',
    remedy: 'Vérifiez le chemin et l’identifiant. Un chemin ne finit pas par une barre oblique.',
  },
  'method-not-allowed': {
    title: 'La méthode n’est pas permise ici',
    explanation: 'Le chemin existe, mais n’accepte pas cette méthode.',
    remedy: 'L’en-tête `Allow` de la réponse liste les méthodes permises.',
  },
  'not-acceptable': {
    title: 'Aucun format acceptable',
    explanation: 'L’en-tête `Accept` exclut tous les formats de cette ressource.',
    remedy: 'Envoyez `Accept: application/json`, ou omettez l’en-tête.',
  },
  'request-timeout': {
    title: 'La requête a mis trop de temps à arriver',
    explanation: 'La requête, corps compris, doit arriver en 30 secondes.',
    remedy: 'Renvoyez-la par une meilleure connexion, ou en parties plus petites.',
  },
  conflict: {
    title: 'La requête contredit ce qui est enregistré',
    explanation: 'La requête est juste en elle-même, mais contredit ce que le registre contient.',
    remedy: 'Lisez ce qui fait obstacle, résolvez-le, puis réessayez.',
  },
  'already-exists': {
    title: 'La ressource existe déjà',
    explanation: 'Une valeur qui doit être unique appartient à une autre ressource.',
    remedy: 'Utilisez la ressource qui a cette valeur, ou donnez-en une autre.',
  },
  'in-use': {
    title: 'La ressource est utilisée',
    explanation: 'Ce que d’autres nomment ne peut être ni supprimé ni détaché. La réponse les nomme, 50 au plus.',
    remedy: 'Modifiez ou supprimez d’abord ce qui la nomme.',
  },
  'state-left-out': {
    title: 'Le document masquerait une convention publique',
    explanation:
      'Un document sans `state` est un brouillon. La convention est publique ; elle serait masquée avec tout ce qu’elle contient. `counts` et `plan` disent ce qui serait fait ; rien ne l’a été.',
    remedy: 'Envoyez le `state` de la convention, ou `"state": "draft"` pour la masquer.',
  },
  'source-conflict': {
    title: 'Le document contredit des modifications faites à la main',
    explanation:
      'Des personnes ont modifié ou supprimé dans le registre ce que la source avait fait, et le document envoie maintenant autre chose, ou l’omet. `conflicts` les liste : `base` est ce que la source avait envoyé, `yours` ce qu’elle envoie, `ours` ce qu’a le registre.',
    remedy:
      'Reprenez les valeurs du registre dans la source, ou renvoyez le document avec `conflicts=overwrite` pour les siennes ou `conflicts=keep` pour celles du registre.',
  },
  'duplicate-convention': {
    title: 'La convention semble déjà exister',
    explanation:
      'Le document arrive sous une nouvelle clé, et une convention de la même Caf a le même périmètre à la même période. `conflictsWith` la nomme.',
    remedy:
      'Renvoyez le document avec `link` et l’identifiant de la convention pour la reprendre avec tout ce que le document en décrit, ou avec `link=none` s’il s’agit d’une autre.',
  },
  'other-source': {
    title: 'Une autre source en est propriétaire',
    explanation: 'Chaque objet appartient à une seule source, qui seule l’écrit. Il a été confié à une autre.',
    remedy: 'Omettez-le du document, ou demandez à un administrateur de le confier à nouveau.',
  },
  'too-many-deletions': {
    title: 'Le document supprimerait trop',
    explanation:
      'Ce qu’un document ne liste plus est supprimé. Celui-ci supprimerait plus de 20 objets, ou au moins 5 et plus d’un cinquième de ce que la source a sous la convention. `counts` et `plan` disent ce qui serait fait ; rien ne l’a été.',
    remedy: 'Comparez le document à ce qu’a la source. Si c’est voulu, autorisez-en autant par `maxDeletes`.',
  },
  busy: {
    title: 'Une autre requête modifie la ressource',
    explanation: 'Une autre requête tient la ressource. Rien n’a été modifié.',
    remedy: 'Attendez autant de secondes que dit `Retry-After`, puis renvoyez la même requête.',
  },
  'journal-pruned': {
    title: 'L’historique demandé n’est plus conservé',
    explanation: 'Le curseur, l’instant ou la page précède ce que ce registre garde encore de son passé.',
    remedy:
      'Un miroir reprend un instantané et suit les changements depuis son `next`. Demandez un instant ou une version plus récents.',
  },
  'other-past': {
    title: 'Le curseur appartient à un autre passé',
    explanation:
      'Ce que le curseur a lu n’a jamais eu lieu ici : le registre a été restauré d’une sauvegarde, a perdu ses derniers changements dans un basculement, ou c’est un autre registre.',
    remedy: 'Reprenez un instantané, remplacez la copie par lui, et suivez les changements depuis son `next`.',
  },
  'precondition-failed': {
    title: 'Une précondition n’est pas remplie',
    explanation:
      'La version nommée par `If-Match` n’est plus l’actuelle, ou `If-None-Match: *` a trouvé une ressource.',
    remedy: 'Lisez la ressource, décidez si votre modification tient, et envoyez-la avec le nouvel `ETag`.',
  },
  'payload-too-large': {
    title: 'Le corps est trop grand',
    explanation: 'Un corps peut avoir 256 Ko, le document d’une convention 8 Mo.',
    remedy: 'Envoyez moins à la fois.',
  },
  'uri-too-long': {
    title: 'L’URL est trop longue',
    explanation: 'Une URL peut avoir 8 000 caractères, une partie de son chemin 2 400.',
    remedy: 'Demandez moins de choses à la fois.',
  },
  'unsupported-media-type': {
    title: 'Le corps est d’un type inattendu',
    explanation: 'Le corps a un type, un jeu de caractères ou une compression que cette opération n’accepte pas.',
    remedy: 'Envoyez du JSON en UTF-8, non compressé, avec le `Content-Type` que nomme `detail`.',
  },
  'expectation-failed': {
    title: 'L’attente ne peut être satisfaite',
    explanation: 'Le seul en-tête `Expect` que connaît le service est `100-continue`.',
    remedy: 'Omettez l’en-tête.',
  },
  'invalid-body': {
    title: 'Le corps enfreint des règles',
    explanation:
      'Le corps est du JSON, mais des champs manquent, sont inconnus ou faux, ou nomment ce qui n’existe pas.',
    remedy:
      'Chaque entrée de `errors` désigne un champ et nomme la règle enfreinte. Toutes les erreurs d’un corps sont dites à la fois.',
  },
  'idempotency-key-reused': {
    title: 'L’Idempotency-Key a déjà servi à autre chose',
    explanation: 'La même clé est venue avec un autre corps. Une clé vaut pour une requête et ses répétitions.',
    remedy: 'Créez une clé pour chaque nouvelle requête.',
  },
  'precondition-required': {
    title: 'If-Match est nécessaire',
    explanation:
      'Une modification ou suppression dit à quelle version elle s’applique, pour que nul n’en écrase une autre.',
    remedy: 'Envoyez l’`ETag` de la version que vous avez lue comme `If-Match`.',
  },
  'too-many-requests': {
    title: 'Trop de requêtes',
    explanation: 'Cette clé ou cette adresse a envoyé plus de requêtes que le registre n’en accepte par minute.',
    remedy: 'Attendez autant de secondes que dit `Retry-After`.',
  },
  'headers-too-large': {
    title: 'Les en-têtes sont trop grands',
    explanation: 'Les en-têtes d’une requête peuvent avoir 32 Ko ensemble.',
    remedy: 'Omettez les en-têtes et cookies dont l’API n’a pas besoin.',
  },
  'internal-error': {
    title: 'Un défaut du registre',
    explanation: 'Quelque chose a échoué sans que ce soit votre erreur. C’est noté sous l’identifiant de `instance`.',
    remedy: 'Signalez l’identifiant de `instance` (aussi dans `X-Request-Id`) aux gestionnaires du registre.',
  },
  unavailable: {
    title: 'Le registre ne peut pas répondre maintenant',
    explanation:
      'La base de données ne répond pas, son disque est plein, ou le service démarre ou s’arrête. Rien n’a été modifié.',
    remedy: 'Attendez autant de secondes que dit `Retry-After`, puis renvoyez la même requête.',
  },
  overloaded: {
    title: 'Le registre est surchargé',
    explanation: 'Plus de requêtes attendent qu’il n’en peut servir à temps. Rien n’a été modifié.',
    remedy: 'Attendez autant de secondes que dit `Retry-After`, puis renvoyez la même requête.',
  },
  'outcome-unknown': {
    title: 'On ne sait pas si la modification a été faite',
    explanation: 'La connexion à la base de données a été perdue, ou le temps a manqué, pendant l’enregistrement.',
    remedy: 'Renvoyez la même requête avec la même `Idempotency-Key`, ou lisez d’abord la ressource.',
  },
}

type Codes<T> = Record<keyof T, string>

/** The sentences of the codes in `errors`. */
export const frenchCodes: Codes<typeof bodyCodes> & Codes<typeof conflictCodes> & Codes<typeof parameterCodes> = {
  'invalid-text': 'Le texte contient des caractères impossibles sur une ligne de texte.',
  'invalid-prose': 'Le texte contient des caractères de contrôle ou qui changent son sens de lecture.',
  'invalid-partial-date': 'Ce n’est ni une année, ni un mois, ni un jour qui existe entre 1900 et 2199.',
  'invalid-date': 'Ce n’est pas un jour qui existe entre 1900 et 2199.',
  'invalid-date-time': 'Ce n’est pas un instant tel que 2022-03-17T08:30:00Z.',
  'invalid-uuid': 'Ce n’est pas un UUID.',
  'invalid-web-url': 'Ce n’est pas une adresse http ou https absolue.',
  'invalid-email': 'Ce n’est pas une adresse électronique.',
  'invalid-phone': 'Ce n’est pas un numéro de téléphone.',
  'invalid-opening-hours': 'Ce n’est pas la syntaxe d’OpenStreetMap pour les horaires.',
  required: 'Le champ est obligatoire.',
  'unknown-field': 'Ce champ n’existe pas.',
  'read-only': 'Le champ ne figure que dans les réponses, ou ne change plus une fois écrit.',
  type: 'La valeur est d’un autre type JSON, ou null là où ce n’est pas permis.',
  empty: 'Le texte est vide.',
  'too-short': 'Le texte a trop peu de caractères.',
  'too-long': 'Le texte a trop de caractères.',
  'too-small': 'Le nombre est trop petit.',
  'too-large': 'Le nombre est trop grand.',
  'too-few': 'La liste a trop peu d’entrées.',
  'too-many': 'La liste a trop d’entrées, ou le registre aurait trop d’objets d’un type ; le message dit lequel.',
  'too-precise': 'Le nombre a trop de chiffres.',
  'too-deep': 'Il serait à un niveau plus bas que permis ; le message dit combien il y en a.',
  cycle: 'Il serait sous lui-même, ou continuerait ce qui le continue.',
  duplicate: 'La valeur figure deux fois dans la liste ou le document.',
  'unknown-code': 'Le code n’est pas dans la liste des codes.',
  'unknown-reference': 'La référence ne mène à rien, ou à ce que l’appelant ne voit pas.',
  'unknown-territory': 'Le code officiel géographique n’a pas ce territoire.',
  'invalid-form': 'La valeur n’a pas sa forme ; le message dit la règle.',
  malformed: 'La valeur est illisible.',
  invalid: 'La valeur enfreint une autre règle, que dit le message.',
  checksum: 'Le dernier chiffre ne vérifie pas les autres.',
  mismatch: 'La valeur ne s’accorde pas avec une autre ; le message dit laquelle.',
  'before-start': 'Une fin précède son début.',
  past: 'L’instant est déjà passé.',
  'bound-twice': 'Un organisme est engagé deux fois les mêmes jours.',
  draft: 'Seuls les brouillons de la même Caf peuvent nommer un brouillon.',
  'self-reference': 'Une convention ne peut pas se nommer elle-même ici.',
  taken: 'Une autre ressource a cette valeur, qui doit être unique.',
  'other-source': 'Une autre source est propriétaire de l’objet.',
  'in-use': 'D’autres ressources nomment un objet que le document ne liste plus.',
  'unknown-parameter': 'L’opération n’a pas ce paramètre.',
  repeated: 'Le paramètre figure plus d’une fois.',
  'invalid-encoding': 'Ce n’est pas de l’UTF-8 encodé en pourcents.',
  future: 'L’instant est à venir.',
  'no-word': 'Il n’y a aucun mot à chercher : ni mots-outils, ni ponctuation, ni mots exclus n’en sont.',
  'not-together': 'Il ne se combine pas avec un autre paramètre ; le message dit lequel.',
  'invalid-cursor': 'Le curseur appartient à une autre liste, ou a été modifié.',
}
