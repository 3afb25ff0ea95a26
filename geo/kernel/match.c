/* The live matcher: packed states in, packed states out, fix by fix. */
#include <string.h>

#include "kernel.h"

enum { FORMAT = 3, OFF_ROUTE = 1, OUTLIER = 2 };
static const double LONGEST_S = 1e8, U4 = 4294967295.0, HALVES = 2.0;

/* As geo/state.py has it: HYPOTHESIS and HEAD, little-endian. */
typedef struct __attribute__((packed)) {
    uint32_t along;
    uint16_t weight, speed, cruise;
    uint8_t moving;
    uint16_t age;
} PackedHypothesis;

typedef struct __attribute__((packed)) {
    uint8_t format, count, reported, flags;
    double t;
    uint16_t ridden;
    uint32_t along, offset;
    uint8_t confidence, astray;
    uint32_t still, moved, reached;
    uint8_t noise;
    uint16_t pace;
    PackedHypothesis of[HYPOTHESES];
} PackedState;

/* The same in metres, seconds and shares. */
typedef struct {
    Hypotheses h;
    double t, along, offset, confidence, still, moved, reached, noise, pace;
    bool outlier, off_route;
    int astray;
} State;

EXPORT const int64_t state_size = sizeof(PackedState);
#define X(name) #name " "
EXPORT const char rule_names[] = RULES(X);
#undef X

static void unpack(const PackedState *raw, State *s) {
    s->h.count = raw->count < HYPOTHESES ? raw->count : HYPOTHESES;
    s->h.reported = raw->reported < s->h.count ? raw->reported : 0;
    s->h.ridden = raw->ridden / TENTHS;
    for (int i = 0; i < s->h.count; i++) {
        const PackedHypothesis *one = raw->of + i;
        s->h.of[i] = (Hypothesis){one->along / CM, -(one->weight / NATS), one->speed / CM,
                                  one->cruise / CM, one->moving / SHARES, one->age / TENTHS};
    }
    s->t = raw->t;
    s->along = raw->along / CM;
    s->offset = raw->offset / CM;
    s->confidence = raw->confidence / SHARES;
    s->still = raw->still / TENTHS;
    s->moved = raw->moved / CM;
    s->reached = raw->reached / CM;
    s->noise = raw->noise / HALVES;
    s->pace = raw->pace / CM;
    s->outlier = raw->flags & OUTLIER;
    s->off_route = raw->flags & OFF_ROUTE;
    s->astray = raw->astray;
}

static void pack(const State *s, PackedState *raw) {
    memset(raw, 0, sizeof *raw);
    *raw = (PackedState){
        .format = FORMAT,
        .count = (uint8_t)s->h.count,
        .reported = (uint8_t)s->h.reported,
        .flags = (uint8_t)(s->off_route * OFF_ROUTE + s->outlier * OUTLIER),
        .t = s->t,
        .ridden = (uint16_t)rounded(s->h.ridden * TENTHS),
        .along = (uint32_t)rounded(s->along * CM),
        .offset = (uint32_t)rounded(s->offset * CM),
        .confidence = (uint8_t)rounded(s->confidence * SHARES),
        .astray = (uint8_t)s->astray,
        .still = (uint32_t)rounded(s->still * TENTHS),
        .moved = (uint32_t)rounded(s->moved * CM),
        .reached = (uint32_t)rounded(s->reached * CM),
        .noise = (uint8_t)rounded(s->noise * HALVES),
        .pace = (uint16_t)rounded(s->pace * CM),
    };
    for (int i = 0; i < s->h.count; i++) {
        const Hypothesis *one = s->h.of + i;
        raw->of[i] = (PackedHypothesis){
            (uint32_t)rounded(one->along * CM), (uint16_t)rounded(-one->weight * NATS),
            (uint16_t)rounded(one->speed * CM), (uint16_t)rounded(one->cruise * CM),
            (uint8_t)rounded(one->moving * SHARES), (uint16_t)rounded(one->age * TENTHS),
        };
    }
}

/* The best hypothesis, unless it does not beat the heir of the one reported so far by enough. */
static int reported(const Rules *r, const Hypotheses *before, const Hypotheses *after, const Lineage *lineage) {
    if (!before->count) return 0;
    for (int i = 0; i < after->count; i++)
        if (lineage->parent[i] == before->reported) {
            bool ahead = after->of[0].along >= after->of[i].along;
            return -after->of[i].weight <= (ahead ? r->forward_margin : r->back_margin) ? i : 0;
        }
    return 0;
}

static void say(const Rules *r, State *s, const Lineage *lineage, double nearest, double length) {
    const Hypotheses *h = &s->h;
    const Hypothesis *it = h->of + h->reported;
    double total = 0.0, near = 0.0;
    for (int i = 0; i < h->count; i++) {
        double share = exp(h->of[i].weight);
        total += share;
        if (fabs(h->of[i].along - it->along) < r->near_m) near += share;
    }
    double offset = h->count ? lineage->offset[h->reported] : INFINITY;
    double coasted = h->count && it->age > 0.0 ? fmin(it->speed * it->age, r->coast_m) : 0.0;
    double along = h->count ? fmin(it->along + coasted, length) : 0.0;
    s->outlier = offset == INFINITY;
    s->along = rounded(along * CM) / CM;
    s->offset = fmin(rounded((s->outlier ? nearest : offset) * CM), U4) / CM;
    s->confidence = rounded((h->count ? near / total : 0.0) * SHARES) / SHARES;
}

/* Mean speed along the route, stops and all: at first what couriers do, then what this one has done of late. */
static void keep_pace(const Rules *r, State *s, double elapsed, double before) {
    if (elapsed <= 0.0) {
        s->pace = r->cruise_mps * r->moving;
        return;
    }
    double pace = fmin(fmax(s->along - before, 0.0) / elapsed, r->fastest_mps);
    double gain = elapsed / (elapsed + fmin(s->h.ridden + r->pace_first_s, r->pace_memory_s));
    s->pace = rounded((s->pace + gain * (pace - s->pace)) * CM) / CM;
}

/* Off the route, stalled, furthest: what takes evidence over time. */
static void progress(const Rules *r, State *s, double elapsed, double nearest, double sigma) {
    bool far = nearest > (s->off_route ? r->on_route_m : fmax(r->off_route_m, r->off_route_sigmas * sigma));
    s->astray = far ? (s->astray < 255 ? s->astray + 1 : 255) : 0;
    s->off_route = s->off_route ? far : s->astray >= r->off_route_pings;
    if (!s->outlier && s->confidence >= r->sure) s->reached = fmax(s->reached, s->along);
    s->still = rounded(fmin(s->still + elapsed, LONGEST_S) * TENTHS) / TENTHS;
    if (s->outlier) return;
    /* Against the mean of the last minute, so that the noise of standing still never adds up to a move. */
    if (fabs(s->along - s->moved) >= r->stall_m) {
        s->still = 0.0;
        s->moved = s->along;
    } else {
        s->moved += fmin(elapsed / r->stall_mean_s, 1.0) * (s->along - s->moved);
        s->moved = rounded(s->moved * CM) / CM;
    }
}

static void fold(const Rules *r, const Route *route, State *s, const Fix *fix) {
    double length = route_length(route), sigma = sigma_of(r, fix->accuracy, s->noise);
    double elapsed = isfinite(s->t) ? fmin(fix->t - s->t, 1e9) : 0.0;
    Candidates places;
    Hypotheses after;
    Lineage lineage;
    find(route, fix, s->h.count ? s->h.of[s->h.reported].along : 0.0, &places);
    Seen seen = {&places, fix, elapsed, sigma, length};
    weigh(r, &s->h, &seen, &after, &lineage);
    after.reported = reported(r, &s->h, &after, &lineage);
    double before = s->along;
    s->h = after;
    s->t = fix->t;
    say(r, s, &lineage, places.nearest, length);
    keep_pace(r, s, elapsed, before);
    double noise = noise_after(r, s->noise, sigma, s->offset);
    if (places.count) s->noise = fmin(rounded(noise * HALVES), 255.0) / HALVES;
    progress(r, s, elapsed, places.nearest, sigma);
}

/* Courier i rides routes[i] and sent the next counts[i] of the fixes, in time order. A fix that is not newer than
   the newest, or not finite, changes nothing and is told where the state stands. `matches` may be NULL. */
EXPORT void advance(const Rules *r, int64_t couriers, const Route *const *routes, uint8_t *states,
                    const int64_t *counts, const Fix *fixes, Matched *matches) {
    for (int64_t courier = 0; courier < couriers; courier++) {
        uint8_t *raw = states + courier * (int64_t)sizeof(PackedState);
        PackedState packed;
        State s;
        memcpy(&packed, raw, sizeof packed);
        unpack(&packed, &s);
        double length = route_length(routes[courier]);
        for (const Fix *end = fixes + counts[courier]; fixes < end; fixes++) {
            if (isfinite(fixes->lat) && isfinite(fixes->lon) && fixes->t > s.t && fixes->t < INFINITY)
                fold(r, routes[courier], &s, fixes);
            if (matches)
                *matches++ = (Matched){s.along, s.along / length, s.offset, s.confidence,
                                       !s.off_route, s.outlier, {0}};
        }
        pack(&s, &packed);
        memcpy(raw, &packed, sizeof packed);
    }
}
