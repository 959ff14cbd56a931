using System.Text;

namespace GrainSensors.Storage.Names;

/// <summary>The names and numbers of one life of the store that are in memory.</summary>
internal sealed class KnownNames(Guid life, int capacity)
{
    private readonly ClockCache<byte[], int> _numbers = new(capacity, Utf8Comparer.Instance);
    private readonly ClockCache<int, string> _names = new(capacity, EqualityComparer<int>.Default);

    public Guid Life => life;

    public bool TryFind(ReadOnlySpan<byte> name, out int number) => _numbers.TryGet(name, out number);

    public bool TryFind(int number, out string name) => _names.TryGet(number, out name);

    public void Add(string name, int number)
    {
        _numbers.Add(Encoding.UTF8.GetBytes(name), number);
        _names.Add(number, name);
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
