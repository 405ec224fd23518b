/** The rules of an organization by itself, beyond its schema. */
import { territoryCode } from '../../engine/rules.ts'
import type { BodyFault } from '../../http/errors/field-errors.ts'
import type { Organization } from './schema.ts'

export function organizationRules({ siren, siret, territory }: Organization): BodyFault[] {
  const faults = territoryCode(territory, '/territory')
  if (siren && !isLuhn(siren)) {
    faults.push({ pointer: '/siren', code: 'checksum', message: `${siren} is not a SIREN: its check digit is wrong` })
  }
  if (siret && siren && !siret.startsWith(siren)) {
    faults.push({ pointer: '/siret', code: 'mismatch', message: `a SIRET begins with the SIREN, ${siren} here` })
  }
  return faults
}

/** The Luhn sum: every second digit from the right is doubled, nines cast out. */
function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
