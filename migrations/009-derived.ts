/**
 * Derived columns: period, status and successors of a convention, the days on which a signatory is bound, the public
 * conventions of a site. A write that changes what they come from calls these functions at its end.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>) {
  await settleConventions(db)
  await settleSignatories(db)
  await settleSites(db)
  await sql`
    create function settle(ids uuid[], today date) returns void language plpgsql as $$
    begin
      -- Locked first, by id: each statement after it reads what the writers before this one have left.
      perform 1 from convention where id = any(ids) order by id for no key update;
      perform settle_conventions(ids, today);
      perform settle_signatories(ids);
    end $$`.execute(db)
  await sql`comment on function settle is 'Brings the derived columns of conventions and their signatories up to date; unchanged rows are not written.'`.execute(
    db,
  )
}

async function settleConventions(db: Kysely<unknown>) {
  await sql`
    create function status_on(state text, from_day date, to_day date, terminated_day date, today date)
    returns text language sql immutable parallel safe as $$
      select case
        when state = 'draft' then 'draft'
        when state = 'terminated' and (terminated_day is null or today > terminated_day) then 'terminated'
        when today < from_day then 'upcoming'
        when today > to_day then 'expired'
        else 'active'
      end
    $$`.execute(db)
  await sql`
    create function settle_conventions(ids uuid[], today date) returns void language sql as $$
      update convention c set
        period = d.period, successor_ids = d.successor_ids, status = d.status, status_due = d.status_due
      from (
        select c.id, status_on(c.state, c.from_day, ends.to_day, c.terminated_day, today) as status,
          case when c.state <> 'draft' then (select min(day) from unnest(array[
            c.from_day, ends.to_day + 1, case when c.state = 'terminated' then c.terminated_day + 1 end]) day where day > today) end as status_due,
          jsonb_build_object('from', first_day(c.starts_on), 'to', ends.to_day) as period,
          array(select s.id from convention s where s.predecessor_id = c.id and s.state <> 'draft' order by s.id) as successor_ids
        from convention c cross join lateral (
          select coalesce((select last_day(a.ends_on) from amendment a where a.convention_id = c.id and a.ends_on is not null
            order by coalesce(first_day(a.effective_on), first_day(a.signed_on)) desc nulls last, a.number desc limit 1),
            last_day(c.ends_on)) as to_day) signed
          cross join lateral (select case when c.state = 'terminated'
            then greatest(least(signed.to_day, c.terminated_day), first_day(c.starts_on)) else signed.to_day end as to_day) ends
        where c.id = any(ids)
      ) d
      where c.id = d.id and (c.period, c.successor_ids, c.status, c.status_due)
        is distinct from (d.period, d.successor_ids, d.status, d.status_due)
    $$`.execute(db)
}

/**
 * A signatory's own days, by what it and its amendments say, whichever version of them: the convention's end,
 * termination and draft cut all of them alike when they are read.
 */
async function settleSignatories(db: Kysely<unknown>) {
  await sql`
    create function own_days(starts_on text, ends_on text, joined_effective_on text, joined_signed_on text,
      left_effective_on text, left_signed_on text) returns daterange language sql immutable parallel safe as $$
      select case when from_day > to_day then daterange(from_day, from_day) else daterange(from_day, to_day, '[]') end
      from (select coalesce(first_day(starts_on), first_day(joined_effective_on), first_day(joined_signed_on)),
        least(last_day(ends_on), coalesce(first_day(left_effective_on), first_day(left_signed_on)) - 1)) days (from_day, to_day)
    $$`.execute(db)
  await sql`
    create function settle_signatories(ids uuid[]) returns void language sql as $$
      update signatory s set bound = d.bound
      from (
        select s.id, own_days(s.starts_on, s.ends_on, joined.effective_on, joined.signed_on,
          left_by.effective_on, left_by.signed_on) as bound
        from signatory s left join amendment joined on joined.id = s.amendment_id
          left join amendment left_by on left_by.id = s.exit_amendment_id
        where s.convention_id = any(ids)
      ) d
      where s.id = d.id and s.bound <> d.bound
    $$`.execute(db)
}

async function settleSites(db: Kysely<unknown>) {
  await sql`
    create function settle_sites(ids uuid[]) returns void language plpgsql as $$
    begin
      perform 1 from service_site where id = any(ids) order by id for no key update;
      update service_site s set convention_ids = d.convention_ids
      from (
        select s.id, array(select l.convention_id from convention_site l join convention c on c.id = l.convention_id
          where l.site_id = s.id and c.state <> 'draft' order by l.convention_id) as convention_ids
        from service_site s where s.id = any(ids)
      ) d
      where s.id = d.id and s.convention_ids <> d.convention_ids;
    end $$`.execute(db)
  await sql`comment on function settle_sites is 'Brings the public conventions of service sites up to date.'`.execute(
    db,
  )
}
