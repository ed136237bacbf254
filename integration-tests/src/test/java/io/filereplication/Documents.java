package io.filereplication;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The repository's documents as tests see them: their files, their code blocks, and what stands between two markers. */
final class Documents {
    private static final Pattern FENCE = Pattern.compile("^```(\\w*)$");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$");

    /** A fenced block: the heading that it stands below, where it begins, and its lines. */
    record Block(Path document, String heading, int line, String text) {
        @Override
        public String toString() {
            return document.getFileName() + ":" + line;
        }
    }

    private Documents() {}

    /** The directory that holds {@code .ci}; tests run in their module's. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve(".ci"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new IllegalStateException(
                        "No directory above " + Path.of("").toAbsolutePath() + " has .ci");
            }
        }
        return directory;
    }

    static String read(String path) throws IOException {
        return Files.readString(root().resolve(path));
    }

    /** Every Markdown document of the root and of {@code docs}. */
    static List<Path> all() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path directory : List.of(root(), root().resolve("docs"))) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
            }
        }
        return documents;
    }

    /** The fenced blocks of {@code language} in {@code document}, in order. */
    static List<Block> blocks(Path document, String language) throws IOException {
        List<Block> blocks = new ArrayList<>();
        StringBuilder text = null;
        String heading = "";
        String open = "";
        int begin = 0;
        int line = 0;
        for (String each : Files.readAllLines(document)) {
            line++;
            Matcher fence = FENCE.matcher(each.strip());
            if (!fence.matches()) {
                Matcher above = HEADING.matcher(each);
                if (text != null) {
                    text.append(each).append('\n');
                } else if (above.matches()) {
                    heading = above.group(1);
                }
            } else if (text == null) {
                text = new StringBuilder();
                open = fence.group(1);
                begin = line;
            } else {
                if (open.equals(language)) {
                    blocks.add(new Block(document, heading, begin, text.toString()));
                }
                text = null;
            }
        }
        if (text != null) {
            throw new IllegalStateException("The block at " + document + ":" + begin + " has no end");
        }
        return blocks;
    }

    /** What stands between the comments {@code <!-- begin NAME -->} and {@code <!-- end NAME -->}. */
    static String section(String document, String name) throws IOException {
        String text = read(document);
        return text.substring(sectionBegin(text, name), sectionEnd(text, name));
    }

    static void replaceSection(String document, String name, String section) throws IOException {
        String text = read(document);
        Files.writeString(
                root().resolve(document),
                text.substring(0, sectionBegin(text, name)) + section + text.substring(sectionEnd(text, name)));
    }

    private static int sectionBegin(String text, String name) {
        String begin = "<!-- begin " + name + " -->\n";
        return indexOf(text, begin) + begin.length();
    }

    private static int sectionEnd(String text, String name) {
        return indexOf(text, "<!-- end " + name + " -->");
    }

    private static int indexOf(String text, String mark) {
        int at = text.indexOf(mark);
        if (at < 0) {
            throw new IllegalStateException("There is no " + mark.strip());
        }
        return at;
    }
}
