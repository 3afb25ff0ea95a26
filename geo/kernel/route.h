/* How a route lies in memory; for route.c and candidates.c alone. */
#ifndef MILEPOST_ROUTE_H
#define MILEPOST_ROUTE_H

#include "kernel.h"

#define NEAR_M 80.0 /* candidates are sought so far around a ping: a bad fix between high houses errs so far */
#define CELL_M 180.0 /* 2 × (NEAR_M + half a SAMPLE_M): the square around a point touches four cells at most */
enum { RUN = 32, RUNS = 32 }; /* legs in a small circle, small circles in a large one */

typedef struct {
    double lon, lat, dlon, dlat, along, dalong;
} Leg;

/* A cell's part of Route.listed; `last` serves while the grid is made. */
typedef struct {
    int64_t key;
    int32_t first, count, last;
} Cell;

typedef struct {
    double lon, lat, radius;
} Circle;

/* middle: longitude in whose reach the route's longitudes lie; kx, ky: metres a degree of the grid; mask: cells
   less one; listed: legs, rising within a cell. */
struct Route {
    int64_t count, mask;
    double length, middle, kx, ky;
    Leg *legs;
    Cell *cells;
    int32_t *listed;
    Circle *small, *large;
};

/* A point and its metres a degree east and north. */
typedef struct {
    double lon, lat, east, north;
} Plane;

Plane plane_at(double lon, double lat);

/* The cell around a point; its count is 0 where no leg is near. */
const Cell *cell_at(const Route *route, const Plane *plane);

#endif
