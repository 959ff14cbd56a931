using System.Text;

namespace GrainSensors.Storage.Names;

/// <summary>The names and numbers of one life of the store that are in memory.</summary>
/// <remarks>
/// When the table is full, an empty one takes its place, and names that are used move there from the old one. So memory has the last
/// names that were used, <paramref name="capacity"/> at least and twice as many at most.
/// </remarks>
internal sealed class KnownNames(Guid life, int capacity)
{
    private readonly Lock _gate = new();
    private NameTable _table = new(capacity);
    private NameTable _old = new(0);

    public Guid Life => life;

    public bool TryFind(ReadOnlySpan<byte> name, out int number)
    {
        var hash = NameTable.HashOf(name);
        if (Volatile.Read(ref _table).TryFind(name, hash, out number))
        {
            return true;
        }

        if (!Volatile.Read(ref _old).TryFind(name, hash, out number))
        {
            return false;
        }

        Add(name, hash, number);
        return true;
    }

    public bool TryFind(int number, out string name) =>
        Volatile.Read(ref _table).TryFind(number, out name) || Volatile.Read(ref _old).TryFind(number, out name);

    public void Add(string name, int number)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        Add(utf8, NameTable.HashOf(utf8), number);
    }

    private void Add(ReadOnlySpan<byte> name, uint hash, int number)
    {
        lock (_gate)
        {
            if (_table.TryFind(name, hash, out _) || _table.TryAdd(name, hash, number))
            {
                return;
            }

            var next = new NameTable(capacity);
            next.TryAdd(name, hash, number);

            // A reader that looks into the old table first finds nothing new there, and asks the store.
            Volatile.Write(ref _old, _table);
            Volatile.Write(ref _table, next);
        }
    }
}
