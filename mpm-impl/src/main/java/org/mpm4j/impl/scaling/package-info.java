/// How many children there should be: [org.mpm4j.impl.scaling.Autoscaler] decides, the supervisor
/// acts. Nothing here has effects, threads or a clock.
package org.mpm4j.impl.scaling;
