/** Faulty document, with more errors than any real one: fields by subject, each with its errors. */
import { CAF, type Fields } from './documents.ts'

/** Fields of a document, and the pointers and codes of what is wrong with them. */
export const FAULTY: [Fields, string[]][] = [
  [{ title: '' }, ['/title empty']],
  [{ state: 'published' }, ['/state unknown-code']],
  [
    { startsOn: '2022-13', signedOn: '2022-02-30' },
    ['/signedOn invalid-partial-date', '/startsOn invalid-partial-date'],
  ],
  [{ caf: 5 }, ['/caf type']],
  [{ predecessor: 'nobody' }, ['/predecessor unknown-reference']],
  [{ ownerId: 7 }, ['/ownerId unknown-field']],
  [{ themes: ['parentalite', 'parentalite', 'sport'] }, ['/themes/1 duplicate', '/themes/2 unknown-code']],
  [
    {
      territories: [
        'epci:200068468',
        'epci:200068468',
        'epci:123456789',
        { kind: 'commune', code: '200068468' },
        { kind: 'epci' },
      ],
    },
    [
      '/territories/1 duplicate',
      '/territories/2 unknown-territory',
      '/territories/3 invalid-form',
      '/territories/4/code required',
    ],
  ],
  [{ needs: [{ theme: null }] }, ['/needs/0/description required']],
  [{ documents: [{ kind: 'other', title: 'A', url: 'ftp://example.org' }] }, ['/documents/0/url invalid-web-url']],
  [{ governance: [null] }, ['/governance/0 type']],
  [
    {
      organizations: [
        CAF,
        { key: 'a', kind: 'commune', name: 'A', siren: '200068469' },
        { key: 'b', kind: 'ville', name: 'B', territory: 'commune:6121' },
        { key: 'c', kind: 'association', siren: '200068468', siret: '21610214500011' },
        { key: 'd', kind: 'association', name: 'D', email: 'x', departmentCodes: ['61'] },
      ],
    },
    [
      '/organizations/1/siren checksum',
      '/organizations/2/kind unknown-code',
      '/organizations/2/territory invalid-form',
      '/organizations/3/name required',
      '/organizations/3/siret mismatch',
      '/organizations/4/departmentCodes read-only',
      '/organizations/4/email invalid-email',
    ],
  ],
  [
    {
      amendments: [
        { key: 'a', kinds: [] },
        { key: 'b', number: 1, kinds: ['other'] },
        { key: 'c', number: 1000, kinds: ['other'] },
      ],
    },
    ['/amendments/0/kinds too-few', '/amendments/1/number duplicate', '/amendments/2/number too-large'],
  ],
  [
    {
      signatories: [
        { key: 'a', organization: 'caf', startsOn: '2022', endsOn: '2021' },
        { key: 'b', organization: 'b', endsOn: '2023' },
        { key: 'c', organization: 'b', startsOn: '2023-12-31', amendment: 'zzz' },
        { key: 'd', organization: 'nobody' },
        { key: 'e', organization: 'b', startsOn: '2023' },
        { organization: 'caf', startsOn: '2030' },
      ],
    },
    [
      '/signatories/0/endsOn before-start',
      '/signatories/2/amendment unknown-reference',
      '/signatories/3/organization unknown-reference',
      '/signatories/4/organization bound-twice',
      '/signatories/5/key required',
    ],
  ],
  [
    {
      axes: [
        { key: '1', title: 'A', parent: '2' },
        { key: '2', title: 'B', parent: '1' },
        { key: '2', title: 'a'.repeat(301) },
      ],
    },
    ['/axes/0/parent cycle', '/axes/1/parent cycle', '/axes/2/key duplicate', '/axes/2/title too-long'],
  ],
  [
    {
      actions: [
        {
          key: 'a',
          title: 'A',
          axes: ['1', '9', '1'],
          progress: 101,
          recurring: 'yes',
          lead: 'nobody',
          funding: [
            { year: 2023 },
            { year: 1989, funderName: 'X' },
            { year: 2023, funder: 'nobody' },
            { year: 2023, funder: 'caf', plannedCents: 1.5 },
          ],
          indicators: [
            { key: 'i', name: 'I', kind: 'output' },
            { key: 'i', name: 'J', kind: 'impact', baseline: 0.1234567890123456 },
          ],
          reviews: [{ year: 2023, text: 'a\u0000' }],
        },
        { key: 'b', title: 'B', startsOn: '2024-03', endsOn: '2024-02', serviceSites: ['nowhere'] },
        'c',
      ],
    },
    [
      '/actions/0/axes/1 unknown-reference',
      '/actions/0/axes/2 duplicate',
      '/actions/0/funding/0/funderName required',
      '/actions/0/funding/1/year too-small',
      '/actions/0/funding/2/funder unknown-reference',
      '/actions/0/funding/3/plannedCents type',
      '/actions/0/indicators/1/baseline too-precise',
      '/actions/0/indicators/1/key duplicate',
      '/actions/0/lead unknown-reference',
      '/actions/0/progress too-large',
      '/actions/0/recurring type',
      '/actions/0/reviews/0/text invalid-prose',
      '/actions/1/endsOn before-start',
      '/actions/1/serviceSites/0 unknown-reference',
      '/actions/2 type',
    ],
  ],
  [
    {
      serviceSites: [
        { key: 's', name: 'S', latitude: 48.7, postcode: '6130', openingHours: 'Mo-XX', phone: 'abcd' },
        { key: 't', name: 'T', stops: [{ longitude: 0.62812345678 }], conventionIds: [] },
      ],
    },
    [
      '/serviceSites/0/longitude required',
      '/serviceSites/0/openingHours invalid-opening-hours',
      '/serviceSites/0/phone invalid-phone',
      '/serviceSites/0/postcode invalid-form',
      '/serviceSites/1/conventionIds read-only',
      '/serviceSites/1/stops/0/longitude too-precise',
    ],
  ],
]
