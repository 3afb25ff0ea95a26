/* The hypotheses of one courier, one fix further: a hidden Markov model along one known route, as in Newson &
   Krumm 2009, where each hypothesis carries a speed of its own. */
#include "kernel.h"

static const double LOG_ROOT_2PI = 0.9189385332046727;
static const double OLDEST_S = 6553.5, FASTEST_MPS = 655.35; /* what the packed state holds */

double sigma_of(const Rules *rules, double accuracy, double noise) {
    double known = accuracy >= 0.0 ? fmin(accuracy, 1e4) : rules->unknown_m;
    return fmax(sqrt(known * known + rules->drawing_m * rules->drawing_m), rules->noise_share * noise);
}

/* An outlier counts as an ordinary bad fix, or one would blur the next ten. */
double noise_after(const Rules *rules, double noise, double sigma, double offset) {
    double seen = fmin(offset, 3.0 * sigma);
    return sqrt(noise * noise + rules->noise_gain * (seen * seen - noise * noise));
}

/* z²/2 up to the limit, a straight line beyond. */
static double huber(double z, double limit) {
    double low = fmin(z, limit);
    return low * (z - 0.5 * low);
}

/* Where a hypothesis should be by now. */
typedef struct {
    double age, turns, mean, expected, spread, log_spread;
} Travel;

static void expect(const Rules *r, const Hypotheses *h, const Seen *seen, Travel *travels) {
    double mass = 0.0, pace = 0.0;
    for (int i = 0; i < h->count; i++) {
        const Hypothesis *one = h->of + i;
        double share = exp(one->weight);
        mass += share;
        pace += share * fmax(one->cruise, one->speed);
    }
    /* One spread for all hypotheses, or standing still would speak for the slow ones ever more. */
    double swing = r->mean_return_s * (r->spread_share * pace / fmax(mass, 1e-9) + r->spread_mps);
    double unknown = r->unknown_mps * r->cruise_weight_s / (r->cruise_weight_s + h->ridden);
    for (int i = 0; i < h->count; i++) {
        const Hypothesis *one = h->of + i;
        Travel *t = travels + i;
        t->age = one->age + seen->elapsed;
        t->turns = t->age / r->mean_return_s;
        double kept = -expm1(-t->turns);
        t->mean = one->cruise * (one->moving + r->skew * (1.0 - one->moving));
        t->expected = t->mean * t->age + (one->speed - t->mean) * r->mean_return_s * kept;
        double error = r->mean_error * t->mean;
        double variance = 2.0 * swing * swing * fmax(t->turns - kept, 0.0)
                        + (error * error + unknown * unknown) * t->age * t->age
                        + 2.0 * seen->sigma * seen->sigma;
        t->spread = sqrt(variance);
        t->log_spread = 0.5 * log(variance) + LOG_ROOT_2PI;
    }
}

/* Log density of a travel [1/m]. room: log of where a skip may lead to. */
static double travel_log(const Rules *r, const Travel *t, double travel, double sigma, double room) {
    double loss = huber(fabs(travel - t->expected) / t->spread, r->travel_tail);
    if (travel < 0.0) loss = fmax(loss, huber(-travel / (r->back_sigmas * sigma), r->back_tail));
    return fmax(-loss - t->log_spread, (travel > 0.0 ? r->skip_log : r->return_log) - room);
}

/* Log density of joining there [1/m]. */
static double start_log(const Rules *r, double along, double length) {
    double near = exp(-along / r->start_m) * (1.0 - r->elsewhere) / r->start_m;
    return log(near + r->elsewhere / (length + r->start_m));
}

/* What the stated heading says against the line's. */
static double heading_loss(const Rules *r, const Fix *fix, const Candidate *place) {
    if (!isfinite(fix->heading) || fix->speed < r->heading_mps) return 0.0;
    double angle = fmod(fix->heading, 360.0) * 0.017453292519943295;
    return r->heading_log * (1.0 - (place->east * sin(angle) + place->north * cos(angle)));
}

static double gain(double worth, double ridden, double at_first, double memory) {
    return worth / (worth + fmin(ridden + at_first, memory));
}

/* Speed, cruising speed and share of moving after a match, from those before. */
static void learn(const Rules *r, const Travel *t, double ridden, double travel, const Hypothesis *before,
                  Hypothesis *after) {
    double pace = fmax(travel, 0.0) / fmax(t->age, 1.0 / TENTHS);
    bool known = pace < r->fastest_mps;
    /* Over a gap the speed returns to its mean, and the mean speed of the gap says little of its end. */
    double mean = before->cruise * before->moving;
    double speed = mean + (before->speed - mean) * exp(-fmax(t->turns - 1.0, 0.0));
    if (known)
        speed += gain(t->age, ridden, r->first_speed_s, r->speed_memory_s) / fmax(t->turns, 1.0) * (pace - speed);
    double cruise = before->cruise, moving = before->moving, going = t->turns > 1.0 ? pace : speed;
    if (known && going > r->cruise_share * cruise) {
        double worth = going > cruise ? t->age : fmin(t->age, r->slow_s);
        cruise += gain(worth, ridden, r->cruise_weight_s, r->cruise_memory_s) * (going - cruise);
    }
    cruise = fmax(cruise, 0.5);
    if (known)
        moving += gain(t->age, ridden, r->moving_weight_s, r->moving_memory_s) * (fmin(pace / cruise, 1.0) - moving);
    after->speed = fmin(fmax(speed, 0.0), FASTEST_MPS);
    after->cruise = cruise;
    after->moving = moving;
}

/* A hypothesis that may come: what it came from, and the candidate that it matches, -1 where the fix is an
   outlier to it. */
typedef struct {
    double weight;
    int parent, place;
} Heir;

/* The likeliest first, of equal ones the first given; at most `most`. */
static int added(Heir *heirs, int count, int most, Heir heir) {
    if (heir.weight == -INFINITY) return count;
    int at = count < most ? count++ : most;
    while (at > 0 && heirs[at - 1].weight < heir.weight) {
        if (at < most) heirs[at] = heirs[at - 1];
        at--;
    }
    if (at < most) heirs[at] = heir;
    return count;
}

void weigh(const Rules *r, const Hypotheses *h, const Seen *seen, Hypotheses *after, Lineage *lineage) {
    const Candidates *places = seen->places;
    Travel travels[BEAM];
    Heir heirs[BEAM];
    bool matched[BEAM] = {false}; /* an outlier's hypothesis beside a better match is that match */
    int count = 0, most = (int)fmin(r->hypotheses, BEAM);
    double across = log(seen->sigma) + LOG_ROOT_2PI, room = log(seen->length + 1000.0);
    expect(r, h, seen, travels);
    for (int c = 0; c < places->count; c++) {
        const Candidate *place = places->of + c;
        Heir heir = {h->count ? -INFINITY : start_log(r, place->along, seen->length), 0, c};
        for (int i = 0; i < h->count; i++) {
            double travel = place->along - h->of[i].along;
            double weight = h->of[i].weight + travel_log(r, travels + i, travel, seen->sigma, room);
            if (weight > heir.weight) heir.weight = weight, heir.parent = i;
        }
        heir.weight -= huber(fmin(place->offset / seen->sigma, 1e6), r->tail) + across;
        heir.weight -= heading_loss(r, seen->fix, place);
        for (int i = 0; i < h->count; i++)
            if (fabs(place->along - h->of[i].along) < r->apart_m && heir.weight > h->of[i].weight + r->outlier_log)
                matched[i] = true;
        count = added(heirs, count, most, heir);
    }
    for (int i = 0; i < h->count; i++)
        if (!matched[i]) count = added(heirs, count, most, (Heir){h->of[i].weight + r->outlier_log, i, -1});

    after->count = 0;
    after->ridden = h->count ? fmin(rounded((h->ridden + seen->elapsed) * TENTHS) / TENTHS, OLDEST_S) : 0.0;
    for (int i = 0; i < count && heirs[i].weight - heirs[0].weight >= r->prune_log; i++) {
        const Heir *heir = heirs + i;
        Hypothesis *one = after->of + i;
        const Hypothesis *before = h->of + heir->parent;
        const Candidate *place = places->of + heir->place;
        if (heir->place < 0) {
            *one = *before;
            one->age = travels[heir->parent].age;
        } else if (h->count) {
            *one = (Hypothesis){.along = place->along};
            learn(r, travels + heir->parent, h->ridden, place->along - before->along, before, one);
        } else {
            *one = (Hypothesis){place->along, 0.0, r->cruise_mps * r->moving, r->cruise_mps, r->moving, 0.0};
        }
        one->along = rounded(one->along * CM) / CM;
        one->speed = rounded(one->speed * CM) / CM;
        one->cruise = rounded(one->cruise * CM) / CM;
        one->moving = rounded(one->moving * SHARES) / SHARES;
        one->age = fmin(rounded(one->age * TENTHS) / TENTHS, OLDEST_S);
        one->weight = rounded((heir->weight - heirs[0].weight) * NATS) / NATS;
        lineage->parent[i] = heir->parent;
        lineage->offset[i] = heir->place < 0 ? INFINITY : place->offset;
        after->count++;
    }
}
