using System.Collections.Concurrent;

namespace GrainSensors.Storage.Names;

/// <summary>
/// A dictionary of limited size. A new entry takes the place of one that was not read since the hand of the clock passed it (second
/// chance). Reading takes no lock and allocates nothing.
/// </summary>
/// <param name="comparer">Finds keys by alternate keys, too, if it can.</param>
internal sealed class ClockCache<TKey, TValue>(int capacity, IEqualityComparer<TKey> comparer)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new(comparer);
    private readonly List<Entry> _clock = [];
    private readonly Lock _gate = new();
    private int _hand;

    public int Count => _entries.Count;

    public bool TryGet(TKey key, out TValue value) => IsUsed(_entries.GetValueOrDefault(key), out value);

    public bool TryGet<TAlternate>(TAlternate key, out TValue value)
        where TAlternate : notnull, allows ref struct
    {
        _entries.GetAlternateLookup<TAlternate>().TryGetValue(key, out var entry);
        return IsUsed(entry, out value);
    }

    public void Add(TKey key, TValue value)
    {
        lock (_gate)
        {
            var added = new Entry(key, value);
            if (!_entries.TryAdd(key, added))
            {
                return;
            }

            if (_clock.Count < capacity)
            {
                _clock.Add(added);
                return;
            }

            while (_clock[_hand].IsUsed)
            {
                _clock[_hand].IsUsed = false;
                _hand = (_hand + 1) % capacity;
            }

            _entries.TryRemove(_clock[_hand].Key, out _);
            _clock[_hand] = added;
            _hand = (_hand + 1) % capacity;
        }
    }

    private static bool IsUsed(Entry? entry, out TValue value)
    {
        value = entry is null ? default! : entry.Value;
        if (entry is { IsUsed: false })
        {
            entry.IsUsed = true;
        }

        return entry is not null;
    }

    private sealed class Entry(TKey key, TValue value)
    {
        public TKey Key => key;

        public TValue Value => value;

        public bool IsUsed { get; set; }
    }
}
