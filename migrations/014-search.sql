-- What is searched in each resource, from its row in the journal or its table; printed by npm run search-functions.

create or replace function searched_in_organization(body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select array[
  row('name', 'A', true, (body -> 'name') #>> '{}')::searched_text,
  row('shortName', 'B', false, (body -> 'short_name') #>> '{}')::searched_text,
  row('territory', 'C', false, (body -> 'territory') ->> 'name')::searched_text] $$;

create or replace function searched_in_convention(body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select array[
  row('title', 'A', true, (body -> 'title') #>> '{}')::searched_text,
  row('reference', 'B', false, (body -> 'reference') #>> '{}')::searched_text,
  row('territories', 'B', false, (select string_agg((item) ->> 'name', ' ') from jsonb_array_elements(nullif(body -> 'territories', 'null')) item))::searched_text,
  row('themes', 'C', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'themes', 'null')) item))::searched_text,
  row('summary', 'C', false, (body -> 'summary') #>> '{}')::searched_text,
  row('needs', 'D', false, (select string_agg((item -> 'description') #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'needs', 'null')) item))::searched_text] $$;

create or replace function searched_in_action(body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select array[
  row('title', 'A', false, (body -> 'title') #>> '{}')::searched_text,
  row('code', 'B', false, (body -> 'code') #>> '{}')::searched_text,
  row('objective', 'B', false, (body -> 'objective') #>> '{}')::searched_text,
  row('themeLabel', 'B', false, (body -> 'theme_label') #>> '{}')::searched_text,
  row('description', 'C', false, (body -> 'description') #>> '{}')::searched_text,
  row('themes', 'C', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'themes', 'null')) item))::searched_text,
  row('territories', 'C', false, (select string_agg((item) ->> 'name', ' ') from jsonb_array_elements(nullif(body -> 'territories', 'null')) item))::searched_text,
  row('context', 'D', false, (body -> 'context') #>> '{}')::searched_text,
  row('expectedResults', 'D', false, (body -> 'expected_results') #>> '{}')::searched_text,
  row('audiences', 'D', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'audiences', 'null')) item))::searched_text,
  row('resources', 'D', false, (body -> 'resources') #>> '{}')::searched_text] $$;

create or replace function searched_in_service_site(body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select array[
  row('name', 'A', true, (body -> 'name') #>> '{}')::searched_text,
  row('types', 'B', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'types', 'null')) item))::searched_text,
  row('description', 'C', false, (body -> 'description') #>> '{}')::searched_text,
  row('themes', 'C', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'themes', 'null')) item))::searched_text,
  row('audiences', 'D', false, (select string_agg((item) #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'audiences', 'null')) item))::searched_text,
  row('address', 'D', false, (body -> 'address') #>> '{}')::searched_text,
  row('stops', 'D', false, (select string_agg((item -> 'place') #>> '{}', ' ') from jsonb_array_elements(nullif(body -> 'stops', 'null')) item))::searched_text] $$;

create or replace function searched(type text, body jsonb) returns searched_text[] language sql immutable parallel safe as $$
select case type
  when 'organization' then searched_in_organization(body)
  when 'convention' then searched_in_convention(body)
  when 'action' then searched_in_action(body)
  when 'service-site' then searched_in_service_site(body)
end $$;

create or replace trigger keep_search_text after insert or delete on organization
  for each row execute function keep_search_text('organization');
create or replace trigger renew_search_text after update on organization
  for each row when ((old.name, old.short_name, old.territory) is distinct from (new.name, new.short_name, new.territory))
  execute function keep_search_text('organization');

create or replace trigger keep_search_text after insert or delete on convention
  for each row execute function keep_search_text('convention');
create or replace trigger renew_search_text after update on convention
  for each row when ((old.title, old.reference, old.territories, old.themes, old.summary, old.needs) is distinct from (new.title, new.reference, new.territories, new.themes, new.summary, new.needs))
  execute function keep_search_text('convention');

create or replace trigger keep_search_text after insert or delete on action
  for each row execute function keep_search_text('action');
create or replace trigger renew_search_text after update on action
  for each row when ((old.title, old.code, old.objective, old.theme_label, old.description, old.themes, old.territories, old.context, old.expected_results, old.audiences, old.resources) is distinct from (new.title, new.code, new.objective, new.theme_label, new.description, new.themes, new.territories, new.context, new.expected_results, new.audiences, new.resources))
  execute function keep_search_text('action');

create or replace trigger keep_search_text after insert or delete on service_site
  for each row execute function keep_search_text('service-site');
create or replace trigger renew_search_text after update on service_site
  for each row when ((old.name, old.types, old.description, old.themes, old.audiences, old.address, old.stops) is distinct from (new.name, new.types, new.description, new.themes, new.audiences, new.address, new.stops))
  execute function keep_search_text('service-site');
