/**
 * Answers of a page: the views of rows with their answers join the journal from the left. An inner join by transaction
 * and id looked to the planner as if it left hardly any rows, so that it read all of a table for one page of it.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await sql`
    do $$
    declare
      read name;
    begin
      execute replace(pg_get_functiondef('views_of'::regproc), ' t join change h', ' t left join change h');
      for read in select viewname from pg_views where schemaname = 'public' and viewname like '%\\_read' and definition like '% JOIN change h ON %'
      loop
        execute format('create or replace view %I as %s', read, replace(pg_get_viewdef(read::text::regclass), ' JOIN change h ON ', ' LEFT JOIN change h ON '));
      end loop;
    end $$`.execute(db)
}
