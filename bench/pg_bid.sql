-- The yardstick of hot-bids: one call decides one bid. The same checks and writes as the desk, in the database itself;
-- what it is spared: HTTP, the signed session, the bidder's signed receipt, proxy bids, and the fact for who was outbid.
CREATE TABLE bench_seats (place int PRIMARY KEY, sid text, uid bigint, org bigint);
CREATE SEQUENCE bench_amounts START 1000 INCREMENT 10;

CREATE FUNCTION bench_bid(sale bigint, seat int) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    offered numeric := nextval('bench_amounts');
    given text := gen_random_uuid()::text;
    who bench_seats;
    a auctions;
    b record;
    moment timestamptz;
    taken boolean;
    fresh bytea;
    entry jsonb;
    made bytea;
    reason text;
BEGIN
    SELECT * INTO who FROM bench_seats WHERE place = seat;
    SELECT * INTO a FROM auctions WHERE id = sale FOR UPDATE;
    moment := clock_timestamp();
    SELECT x.id, x.number,
        (u.epoch = 1 AND u.disabled_at IS NULL AND s.id IS NOT NULL) IS TRUE
            AND (m.roles ? 'buyer_editor') IS TRUE AND (o.state = 'verified') IS TRUE
            AND (o.banned_until > clock_timestamp()) IS NOT TRUE
            AND who.org <> a.organisation_id
            AND NOT EXISTS (SELECT FROM memberships y WHERE y.user_id = who.uid
                            AND y.organisation_id = a.organisation_id AND y.ended_at IS NULL)
            AND EXISTS (SELECT FROM locked_deposits d WHERE d.organisation_id = who.org
                        AND d.reference = 'auction:' || a.number)
            AND (x.state = 'qualified') IS TRUE
            AND (m.bid_limit IS NULL OR offered <= m.bid_limit)
            AND (o.second_approval_above IS NULL OR offered <= o.second_approval_above) AS may,
        EXISTS (SELECT FROM bids k WHERE k.auction_id = sale AND k.bidder_id = x.id AND k.key = given
                AND k.kind <> 'auto') AS known
    INTO b
    FROM users u
    LEFT JOIN user_sessions s ON s.id = who.sid AND s.user_id = u.id AND s.revoked_at IS NULL
    LEFT JOIN memberships m ON m.user_id = u.id AND m.organisation_id = who.org AND m.ended_at IS NULL
    LEFT JOIN organisations o ON o.id = who.org
    LEFT JOIN auction_bidders x ON x.auction_id = sale AND x.organisation_id = who.org
    WHERE u.id = who.uid;
    IF b.may IS NOT TRUE OR b.known OR moment >= a.ends_at THEN
        RAISE EXCEPTION 'not eligible';
    END IF;
    taken := offered >= coalesce(a.price + 10, a.opening_price);
    reason := CASE WHEN taken THEN '' ELSE 'below_minimum' END;
    fresh := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    entry := jsonb_build_object('event', CASE WHEN taken THEN 'bid_placed' ELSE 'refused' END, 'sequence', a.sequence + 1,
        'at', moment, 'bidder', b.number, 'key', given, 'amount', offered::text, 'code', reason, 'ends_at', a.ends_at);
    made := sha256(fresh || convert_to(entry::text, 'UTF8'));
    a.head := sha256(a.head || made);
    INSERT INTO bids (auction_id, sequence, bidder_id, user_id, key, kind, amount, accepted, refusal, at, ends_at,
                      salt, leaf, head)
    VALUES (sale, a.sequence + 1, b.id, who.uid, given, 'bid', offered, taken, reason, moment,
            CASE WHEN taken THEN a.ends_at END, fresh, made, a.head);
    UPDATE auctions SET sequence = a.sequence + 1, head = a.head,
        state_json = state_json || jsonb_build_object('sequence', a.sequence + 1, 'last_at', moment,
            'price', CASE WHEN taken THEN offered ELSE a.price END, 'leader', CASE WHEN taken THEN b.number END),
        price = CASE WHEN taken THEN offered ELSE a.price END,
        bid_count = a.bid_count + taken::int, leader_id = CASE WHEN taken THEN b.id ELSE a.leader_id END,
        leader_user_id = CASE WHEN taken THEN who.uid ELSE a.leader_user_id END
    WHERE id = sale;
    RETURN taken;
END $$;
