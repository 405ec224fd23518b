/**
 * Docs page: Swagger UI at /docs over the same OpenAPI document, in a style of our own and under a policy that lets it
 * load nothing from anywhere else.
 */
import fs from 'node:fs'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, onSendHookHandler } from 'fastify'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5394"/><path d="M9 10h14M9 16h14M9 22h8" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`

/** Swagger UI has a dark dress, but puts it on by its own button only. */
const followColourScheme = `const dark = matchMedia('(prefers-color-scheme: dark)')
const dress = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', dress)
dress()
`

/** What Swagger UI leaves without a name, or out of reach of a keyboard. */
const nameParts = `const mend = () => {
  for (const close of document.querySelectorAll('.close-modal')) close.ariaLabel = 'Close'
  for (const apply of document.querySelectorAll('.auth-btn-wrapper [aria-label]')) apply.ariaLabel = null
  for (const field of document.querySelectorAll('[data-param-name] select, [data-param-name] input'))
    field.ariaLabel = field.closest('[data-param-name]').dataset.paramName
  for (const text of document.querySelectorAll('pre.microlight')) text.tabIndex = 0
}
new MutationObserver(mend).observe(document, { childList: true, subtree: true })
`

/** Of the browser, in which the plugins run. */
declare const document: { getElementById(id: string): { scrollIntoView(): void } | null }
declare const location: { hash: string }
declare const addEventListener: (event: 'hashchange', listener: () => void) => void

interface SwaggerUiSystem {
  React: { createElement(component: unknown, props: object, ...children: unknown[]): unknown }
}

interface SpecState {
  hasIn(path: string[]): boolean
}

interface FieldProps {
  getComponent(name: string): unknown
}

/**
 * A stream of events has no Execute, which would wait for its end for ever, and lines of JSON are shown as text. Of the
 * fields for lists Swagger UI looks for one by the format of their items, and complains when there is none.
 */
const fitToApi = ({ React }: SwaggerUiSystem) => ({
  components: {
    JsonSchema_string_uuid: (props: FieldProps) =>
      React.createElement(props.getComponent('JsonSchema_string'), { ...props }),
  },
  statePlugins: {
    spec: {
      wrapSelectors: {
        allowTryItOutFor: () => (state: SpecState, path: string, method: string) =>
          !state.hasIn(['json', 'paths', path, method, 'responses', '200', 'content', 'text/event-stream']),
      },
    },
  },
  wrapComponents: {
    responseBody: (Original: unknown) => (props: { contentType?: string }) =>
      React.createElement(Original, {
        ...props,
        ...(String(props.contentType).includes('ndjson') && { contentType: 'text/plain' }),
      }),
  },
})

interface Operation {
  get(field: 'path' | 'method'): string
  getIn(path: string[], missing: string): string
}

interface Group {
  get(field: 'operations'): { size: number; filter(fits: (operation: Operation) => boolean): Group }
  set(field: 'operations', operations: unknown): Group
}

interface Groups {
  map(change: (group: Group) => Group): Groups
  filter(fits: (group: Group) => boolean): Groups
}

/** Swagger UI looks for a phrase in the names of groups alone; people look for words of operations. */
const findOperations = () => ({
  fn: {
    opsFilter(groups: Groups, phrase: string): Groups {
      const words = phrase.toLowerCase().split(/\s+/)
      const fits = (operation: Operation) => {
        const text = [operation.get('method'), operation.get('path')]
          .concat(['summary', 'operationId', 'tags'].map((field) => String(operation.getIn(['operation', field], ''))))
          .join(' ')
          .toLowerCase()
        return words.every((word) => text.includes(word))
      }
      return groups
        .map((group) => group.set('operations', group.get('operations').filter(fits)))
        .filter((group) => group.get('operations').size > 0)
    },
  },
})

interface OperationsProps {
  specSelectors: { taggedOperations(): { keySeq(): { toArray(): string[] } } }
  layoutActions: { show(place: string[], isShown: boolean): void }
}

/** A list of the groups stands beside the operations: each of them is two clicks away. */
const listGroups = ({ React: { createElement } }: SwaggerUiSystem) => ({
  wrapComponents: {
    operations: (Original: unknown) => (props: OperationsProps) => {
      const link = (name: string) =>
        createElement(
          'a',
          {
            key: name,
            href: `#/${name}`,
            onClick: (event: { preventDefault(): void }) => {
              event.preventDefault()
              props.layoutActions.show(['operations-tag', name], true)
              document.getElementById(`operations-tag-${name}`)?.scrollIntoView()
            },
          },
          name,
        )
      const names = props.specSelectors.taggedOperations().keySeq().toArray()
      return createElement(
        'div',
        { className: 'operations' },
        createElement('nav', { 'aria-label': 'Groups of operations' }, names.map(link)),
        createElement(Original, props),
      )
    },
  },
})

/** A link within the page leads to its operation; within a button, the path of an operation is no link of its own. */
const followLinks = ({ React: { createElement } }: SwaggerUiSystem) => ({
  afterLoad({ layoutActions }: { layoutActions: { parseDeepLinkHash(hash: string): void } }) {
    addEventListener('hashchange', () => layoutActions.parseDeepLinkHash(decodeURIComponent(location.hash)))
  },
  wrapComponents: {
    DeepLink: () => (props: { text: unknown }) => createElement('span', {}, props.text),
  },
})

interface KeyProps {
  authSelectors: { authorized(): { keySeq(): { toArray(): string[] } } }
  authActions: { logoutWithPersistOption(names: string[]): void }
}

/** Says that a key is kept, and forgets it. */
const forgetKey = ({ React: { createElement } }: SwaggerUiSystem) => ({
  wrapComponents: {
    AuthorizeBtnContainer: (Original: unknown) => (props: KeyProps) => {
      const names = props.authSelectors.authorized().keySeq().toArray()
      const forget = () => props.authActions.logoutWithPersistOption(names)
      return createElement(
        'div',
        { className: 'key' },
        createElement(Original, props),
        names.length === 0
          ? createElement(
              'p',
              {},
              'Writing needs a key. One that you enter is kept in this browser until you forget it.',
            )
          : createElement('p', {}, 'Your key is kept in this browser.'),
        names.length > 0 && createElement('button', { className: 'btn forget', onClick: forget }, 'Forget the key'),
      )
    },
  },
})

/** A phone shows the page at its own width. Swagger UI's page does not say so, and takes no further element. */
const addViewport: onSendHookHandler = (_request, _reply, page, done) =>
  done(
    null,
    String(page).replace('<title>', '<meta name="viewport" content="width=device-width, initial-scale=1">\n      $&'),
  )

/** Serves the documentation; to be awaited after the last route. */
export async function registerDocs(app: FastifyInstance, title: string): Promise<void> {
  const css = ['docs.css', 'docs-light.css'].map((file) => fs.readFileSync(new URL(file, import.meta.url), 'utf8'))
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/docs/static/')) route.config = { ...route.config, isFile: true }
    if (route.url === '/docs' || route.url === '/docs/') route.onSend = addViewport
    if (route.url === '/docs/json') route.handler = (_request, reply) => reply.redirect('/openapi.json')
    if (route.url === '/docs/yaml') route.handler = (_request, reply) => reply.redirect('/openapi.yaml')
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: policy,
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'list',
      filter: true,
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 2,
      deepLinking: true,
      displayRequestDuration: true,
      persistAuthorization: true,
      tryItOutEnabled: true,
      validatorUrl: null,
      // Its code is sent to the browser as it stands here: it may name nothing outside itself.
      plugins: [fitToApi, findOperations, listGroups, followLinks, forgetKey],
    },
    theme: {
      title: `${title}: documentation`,
      css: [{ filename: 'registry.css', content: css.join('\n') }],
      js: [{ filename: 'registry.js', content: followColourScheme + nameParts }],
      favicon: [{ filename: 'registry.svg', rel: 'icon', sizes: 'any', type: 'image/svg+xml', content: icon }],
    },
  })
}
