/// A user's project, built and run as `docs/embedding.md` says.
@NullMarked
package org.mpm4j.consumer;

import org.jspecify.annotations.NullMarked;
