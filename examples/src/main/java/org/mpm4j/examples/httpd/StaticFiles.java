package org.mpm4j.examples.httpd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// Answers with files below a folder, and with nothing outside it.
///
/// Each request asks the file system anew: where the name leads when all symbolic links are
/// followed, and what is there. Nothing is remembered, so a file replaced is a file served.
final class StaticFiles {
  private static final String FORBIDDEN = "This server may not show it.";
  private static final String NOT_FOUND = "There is nothing here.";

  private final Path root;
  private final int rootLength;
  private final List<String> indexNames;
  private final ContentTypes types;

  StaticFiles(Path root, List<String> indexNames, ContentTypes types) throws IOException {
    this.root = root.toRealPath();
    rootLength = this.root.getNameCount() == 0 ? 0 : this.root.toString().length();
    this.indexNames = List.copyOf(indexNames);
    this.types = types;
  }

  Answer answer(RequestTarget.Resource resource, RequestHead head) {
    String path = resource.path();
    if (path.contains("/.ht")) {
      return forbidden();
    }
    try {
      Path file = root.resolve(path.substring(1)).toRealPath();
      if (!mayShow(file)) {
        return forbidden();
      }
      BasicFileAttributes attributes = attributes(file);
      if (attributes.isDirectory()) {
        return path.endsWith("/") ? index(file, head) : addSlash(resource);
      }
      return path.endsWith("/") ? notFound() : file(file, attributes, head);
    } catch (InvalidPathException _) {
      return notFound();
    } catch (IOException e) {
      return failure(e);
    }
  }

  /// Whether `file` is where this server may look, its own name included: a link may have led out
  /// of the root, or to a `.htpasswd`.
  private boolean mayShow(Path file) {
    return file.startsWith(root) && file.toString().indexOf("/.ht", rootLength) < 0;
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private Answer index(Path directory, RequestHead head) throws IOException {
    for (String name : indexNames) {
      Path index = directory.resolve(name);
      if (Files.exists(index)) {
        Path file = index.toRealPath();
        BasicFileAttributes attributes = attributes(file);
        if (attributes.isRegularFile()) {
          return mayShow(file) ? file(file, attributes, head) : forbidden();
        }
      }
    }
    return forbidden();
  }

  private Answer file(Path file, BasicFileAttributes attributes, RequestHead head) {
    if (!attributes.isRegularFile() || !Files.isReadable(file)) {
      return forbidden();
    }
    FileVersion version = FileVersion.of(attributes);
    int precondition = version.precondition(head);
    if (precondition == HttpStatus.NOT_MODIFIED_304) {
      return new Answer.Bodiless(precondition, version.fields());
    }
    if (precondition != 0) {
      return Answer.Page.of(precondition, "It has changed.");
    }
    long size = version.size();
    String fields = version.fields() + "Accept-Ranges: bytes\r\n";
    String range = rangeOf(head, version);
    return switch (range == null ? new ByteRange.Whole() : ByteRange.of(range, size)) {
      case ByteRange.Whole _ -> part(HttpStatus.OK_200, fields, file, 0, size);
      case ByteRange.Part(long first, long count) ->
          part(
              HttpStatus.PARTIAL_CONTENT_206,
              fields
                  + ("Content-Range: bytes " + first + '-' + (first + count - 1))
                  + ("/" + size + "\r\n"),
              file,
              first,
              count);
      case ByteRange.Unsatisfiable _ ->
          Answer.Page.of(
              HttpStatus.RANGE_NOT_SATISFIABLE_416,
              "Content-Range: bytes */" + size + "\r\n",
              "It is not that long.");
    };
  }

  private static @Nullable String rangeOf(RequestHead head, FileVersion version) {
    return head.method().equals("GET") && version.rangeApplies(head.ifRange())
        ? head.range()
        : null;
  }

  private Answer part(int status, String fields, Path file, long position, long count) {
    Path name = file.getFileName();
    String type = types.of(name == null ? "" : name.toString());
    return new Answer.FilePart(
        status,
        fields + "Content-Type: " + type + "\r\nContent-Length: " + count + "\r\n",
        file,
        position,
        count);
  }

  /// Leads to the same path with a slash, so that relative links work. The path begins with exactly
  /// one slash, so it cannot lead to another server.
  private static Answer addSlash(RequestTarget.Resource resource) {
    String query = resource.query().isEmpty() ? "" : "?" + encoded(resource.query(), "\"<>");
    String location = encoded(resource.path(), "\"#%<>?\\^`{|}") + "/" + query;
    return Answer.Page.of(
        HttpStatus.MOVED_PERMANENTLY_301,
        "Location: " + location + "\r\n",
        "The folder is here, with a slash at the end of its name.");
  }

  /// Encodes what is not visible ASCII or is one of `special`.
  private static String encoded(String path, String special) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && special.indexOf(b) < 0) {
        encoded.append((char) b);
      } else {
        encoded.append('%');
        encoded.append(Character.toUpperCase(Character.forDigit((b >> 4) & 0xf, 16)));
        encoded.append(Character.toUpperCase(Character.forDigit(b & 0xf, 16)));
      }
    }
    return encoded.toString();
  }

  private static Answer failure(IOException problem) {
    return problem instanceof AccessDeniedException || problem instanceof FileSystemLoopException
        ? forbidden()
        : notFound();
  }

  private static Answer forbidden() {
    return Answer.Page.of(HttpStatus.FORBIDDEN_403, FORBIDDEN);
  }

  private static Answer notFound() {
    return Answer.Page.of(HttpStatus.NOT_FOUND_404, NOT_FOUND);
  }
}
