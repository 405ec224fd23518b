/**
 * Search: the words of resources and the names of territories, in side tables. Rows of the journal stay what they are:
 * a column of theirs would be part of their bodies. Triggers write `search_text`, whenever a text that is searched has
 * changed; the loader of territories writes `territory_label`. What is searched in a resource, with which weight, is
 * declared: `npm run -s search-functions` prints 014-search.sql.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`create extension if not exists pg_trgm`.execute(db)
  await sql`create extension if not exists unaccent`.execute(db)
  await sql`create extension if not exists fuzzystrmatch`.execute(db)
  await configurations(db)
  await queries(db)
  await names(db)
  await texts(db)
  await keepTexts(db)
  await sql.raw(await readFile(path.join(import.meta.dirname, '014-search.sql'), 'utf8')).execute(db)
  await writeTexts(db)
  await highlights(db)
  await fill(db)
}

/** `french` knows neither accents that are left out nor words that are only begun. */
async function configurations(db: Kysely<unknown>) {
  for (const [name, copied, stem] of [
    ['fr', 'french', 'french_stem'],
    ['fr_words', 'simple', 'simple'],
  ]) {
    await sql.raw(`create text search configuration ${name} (copy = ${copied})`).execute(db)
    await sql
      .raw(`alter text search configuration ${name} alter mapping
        for hword, hword_part, word, asciihword, asciiword, hword_asciipart with unaccent, ${stem}`)
      .execute(db)
  }
  await sql`comment on text search configuration fr is 'French stems without accents.'`.execute(db)
  await sql`comment on text search configuration fr_words is 'Whole words without accents, of which the beginning is looked for.'`.execute(
    db,
  )
}

async function queries(db: Kysely<unknown>) {
  await sql`
    create function plain(value text) returns text language sql immutable strict parallel safe return
      btrim(regexp_replace(replace(replace(regexp_replace(normalize(lower(value), NFKD), '[\\u0300-\\u036f]', '', 'g'),
        'œ', 'oe'), 'æ', 'ae'), '[^[:alnum:]]+', ' ', 'g'))`.execute(db)
  await sql`comment on function plain is 'The words of a text without accents, case and punctuation, one blank between them.'`.execute(
    db,
  )
  // These join words for the parser of Postgres: it takes "2022-2026" and "enfance/jeunesse" for one.
  await sql`
    create function spaced(value text) returns text language sql immutable strict parallel safe return
      translate(value, '-/''’', '    ')`.execute(db)
  // Without this a row of lone minuses exceeds the stack of the parser.
  await sql`
    create function tame(asked text) returns text language sql immutable strict parallel safe return
      translate(regexp_replace(left(asked, 200), '-+(?![[:alnum:]"])|(?<=-)-+|(?<=[^[:space:]])-+', ' ', 'g'), '/''’', '   ')`.execute(
    db,
  )
  await sql`comment on function tame is 'What was typed, with a minus only before a word or a quotation that is excluded.'`.execute(
    db,
  )
  await sql`
    create function ask(asked text) returns tsquery language sql stable parallel safe return
      (select case when length(last) < 2 or last is null or asked ~ '["\\s]$' or asked ~* '(^|\\s)-\\S*$' or asked ~* '\\mor\\M'
            or head ~ '^[^"]*"[^"]*("[^"]*"[^"]*)*$'
          then websearch_to_tsquery('fr', asked)
        when btrim(head) = '' then websearch_to_tsquery('fr', last) || (quote_literal(last) || ':*')::tsquery
        else websearch_to_tsquery('fr', head) && (websearch_to_tsquery('fr', last) || (quote_literal(last) || ':*')::tsquery) end
      from (select plain(substring(asked from '[[:alnum:]]+$')) as last, regexp_replace(asked, '[[:alnum:]]+$', '') as head) p)`.execute(
    db,
  )
  await sql`comment on function ask is 'The query of a tamed text; its last word also as a beginning, unless quoted, excluded, one of several or followed by a blank.'`.execute(
    db,
  )
}

async function names(db: Kysely<unknown>) {
  await sql`
    create table territory_label (
      kind text collate "C" not null,
      code text collate "C" not null,
      name text not null,
      is_former boolean not null,
      key text collate "C" not null,
      core text not null,
      words tsvector not null,
      population integer not null,
      constraint territory_label_key primary key (kind, code, name)
    )`.execute(db)
  await sql`comment on table territory_label is 'The names under which territories are found: their own, and those of former communes and arrondissements.'`.execute(
    db,
  )
  await sql`comment on column territory_label.words is 'Of the name with weight A, of its département and region with weight D.'`.execute(
    db,
  )
  await sql`create index territory_label_begins on territory_label (key)`.execute(db)
  await sql`create index territory_label_words on territory_label using gin (words)`.execute(db)
  await sql`create index territory_label_core on territory_label using gin (core gin_trgm_ops)`.execute(db)
}

async function texts(db: Kysely<unknown>) {
  await sql`
    create type searched_text as (field text, weight "char", is_name boolean, value text)`.execute(db)
  await sql`
    create table search_text (
      type text collate "C" not null,
      id uuid not null,
      convention_id uuid,
      name text,
      title_words tsvector not null,
      words tsvector not null,
      constraint search_text_key primary key (type, id)
    )`.execute(db)
  await sql`comment on table search_text is 'The words of the resources that are searched.'`.execute(db)
  await sql`comment on column search_text.convention_id is 'Of a convention, and of what is under one: who sees that sees it.'`.execute(
    db,
  )
  await sql`comment on column search_text.name is 'In which typing errors are forgiven; null where there is no name.'`.execute(
    db,
  )
  await sql`comment on column search_text.title_words is 'Stems and whole words of weight A.'`.execute(db)
  await sql`create index search_text_words on search_text using gin (words) with (fastupdate = off)`.execute(db)
  await sql`create index search_text_title on search_text using gin (title_words) with (fastupdate = off)`.execute(db)
  await sql`create index search_text_name on search_text using gin (name gin_trgm_ops) with (fastupdate = off) where name is not null`.execute(
    db,
  )
  await sql`create index search_text_convention on search_text (convention_id) where convention_id is not null`.execute(
    db,
  )
}

/** As in 004, names mean the same to the trigger whatever the caller has set; it alone may write the table. */
async function keepTexts(db: Kysely<unknown>) {
  const { rows } = await sql<{ home: string }>`select current_schema() as home`.execute(db)
  await sql`
    create function keep_search_text() returns trigger language plpgsql
    security definer set search_path = ${sql.id(rows[0]?.home ?? 'public')}, pg_temp as $$
    begin
      if tg_op = 'DELETE' then delete from search_text s where s.type = tg_argv[0] and s.id = old.id;
      else perform write_search_text(tg_argv[0], to_jsonb(new)); end if;
      return null;
    end $$`.execute(db)
}

/** A vector holds 1 MB at most: what of a weight lies beyond 30,000 characters is not searched. */
async function writeTexts(db: Kysely<unknown>) {
  await sql`
    create function search_row(type text, body jsonb) returns search_text language sql stable parallel safe as $$
      select row(type, (body ->> 'id')::uuid, (case type when 'convention' then body ->> 'id' else body ->> 'convention_id' end)::uuid,
        plain(names), title.words, title.words || setweight(to_tsvector('fr', spaced(left(coalesce(b, ''), 30000))), 'B')
          || setweight(to_tsvector('fr', spaced(left(coalesce(c, ''), 30000))), 'C')
          || setweight(to_tsvector('fr', spaced(left(coalesce(d, ''), 30000))), 'D'))::search_text
      from (select string_agg(value, ' ') filter (where is_name) as names, string_agg(value, ' ') filter (where weight = 'A') as a,
          string_agg(value, ' ') filter (where weight = 'B') as b, string_agg(value, ' ') filter (where weight = 'C') as c,
          string_agg(value, ' ') filter (where weight = 'D') as d
        from unnest(searched(type, body))) texts
      cross join lateral (select setweight(to_tsvector('fr', words) || to_tsvector('fr_words', words), 'A') as words
        from spaced(left(coalesce(a, ''), 30000)) words) title
    $$`.execute(db)
  await sql`comment on function search_row is 'The row of search_text that belongs to a row of a resource.'`.execute(db)
  await sql`
    create function write_search_text(type text, body jsonb) returns void language sql as $$
      insert into search_text as s select r.* from search_row(type, body) r
      on conflict on constraint search_text_key do update
        set name = excluded.name, title_words = excluded.title_words, words = excluded.words
      where s is distinct from excluded
    $$`.execute(db)
}

/**
 * The first field that has one of the words, and an excerpt of it in which they stand between the characters 1 and 2.
 * Postgres drops what looks like a tag or an entity from excerpts, and takes texts apart at other places than `spaced`:
 * such characters are replaced meanwhile by others that no text holds.
 */
async function highlights(db: Kysely<unknown>) {
  await sql`
    create function highlighted(type text, body jsonb, words tsquery, typed tsquery, out title text, out field text, out excerpt text)
    language plpgsql stable parallel safe as $$
    declare
      one searched_text;
      options text;
      marks constant text := E'\\x03\\x04\\x05\\x06\\x07\\x08';
    begin
      foreach one in array searched(type, body) loop
        continue when one.value is null;
        title := coalesce(title, one.value);
        options := E'StartSel=\\x01, StopSel=\\x02, ' || case one.weight when 'A' then 'HighlightAll=true' else 'MaxWords=30, MinWords=12' end;
        excerpt := ts_headline('fr', translate(one.value, '-/''’<&', marks), words, options);
        if strpos(excerpt, E'\\x01') = 0 then
          excerpt := ts_headline('fr_words', translate(one.value, '-/''’<&', marks), typed, options);
        end if;
        if strpos(excerpt, E'\\x01') > 0 then
          field := one.field; excerpt := translate(excerpt, marks, '-/''’<&');
          return;
        end if;
      end loop;
      excerpt := null;
    end $$`.execute(db)
}

async function fill(db: Kysely<unknown>) {
  for (const [type, name] of [
    ['organization', 'organization'],
    ['convention', 'convention'],
    ['action', 'action'],
    ['service-site', 'service_site'],
  ] as const) {
    await sql`insert into search_text select r.* from ${sql.table(name)} t, search_row(${sql.lit(type)}, to_jsonb(t)) r`.execute(
      db,
    )
  }
}
