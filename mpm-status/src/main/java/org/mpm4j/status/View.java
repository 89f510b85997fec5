package org.mpm4j.status;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.mpm4j.MpmStatus;

/// Everything that a page shows.
///
/// @param serverName one line
/// @param status of the server
/// @param scoreboard of the status
/// @param machine below it
/// @param recently what happened in the last seconds
/// @param course of the last minute
/// @param zone in which times are told
record View(
    String serverName,
    MpmStatus status,
    Scoreboard scoreboard,
    Machine machine,
    StatusHistory.Interval recently,
    List<StatusHistory.Interval> course,
    ZoneId zone) {
  Duration uptime() {
    Duration uptime = Duration.between(status.startedAt(), status.at());
    return uptime.isNegative() ? Duration.ZERO : uptime;
  }
}
