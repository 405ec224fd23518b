/** Body worker: the thread of body checks (`http/input/body-checks.ts`), which has the schemas of all resources. */
import './domain/resources.ts'
import './sync/document/schema.ts'
import type { BodyWorker } from './http/input/body-checks.ts'
import * as parsing from './http/input/parse-body.ts'
import * as hours from './http/schema/opening-hours.ts'

export const parseBody: BodyWorker['parseBody'] = parsing.parseBody
export const readHours: BodyWorker['readHours'] = hours.readHours
