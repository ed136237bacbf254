package io.filereplication.manifest;

import io.filereplication.FileEntry;
import io.filereplication.FilePath;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Entries in path order, as they come out of a snapshot, in the form from which a skip list is built in one pass. A million
 * insertions one by one would take several times as long.
 *
 * <p>Not thread-safe. Views of a part are not supported, as building needs none.
 */
@SuppressWarnings("JdkObsolete") // What a skip list is built from is a SortedMap.
final class SortedEntries extends AbstractMap<FilePath, FileEntry> implements SortedMap<FilePath, FileEntry> {
    private final List<FileEntry> entries = new ArrayList<>();
    private long bytes;

    /** Adds an entry, unless its path is not behind all others. */
    boolean add(FileEntry entry) {
        if (!entries.isEmpty() && lastKey().compareTo(entry.path()) >= 0) {
            return false;
        }
        bytes += entry.sizeBytes();
        return entries.add(entry);
    }

    /** The sum of the entries' sizes. */
    long bytes() {
        return bytes;
    }

    @Override
    public Set<Map.Entry<FilePath, FileEntry>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<FilePath, FileEntry>> iterator() {
                Iterator<FileEntry> rest = entries.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return rest.hasNext();
                    }

                    @Override
                    public Map.Entry<FilePath, FileEntry> next() {
                        FileEntry entry = rest.next();
                        return Map.entry(entry.path(), entry);
                    }
                };
            }

            @Override
            public int size() {
                return entries.size();
            }
        };
    }

    /** Null for the natural order. */
    @Override
    public @Nullable Comparator<? super FilePath> comparator() {
        return null;
    }

    @Override
    public FilePath firstKey() {
        return at(0);
    }

    @Override
    public FilePath lastKey() {
        return at(entries.size() - 1);
    }

    private FilePath at(int place) {
        if (entries.isEmpty()) {
            throw new NoSuchElementException("No entries");
        }
        return entries.get(place).path();
    }

    @Override
    public SortedMap<FilePath, FileEntry> subMap(FilePath from, FilePath to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<FilePath, FileEntry> headMap(FilePath to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<FilePath, FileEntry> tailMap(FilePath from) {
        throw new UnsupportedOperationException();
    }
}
