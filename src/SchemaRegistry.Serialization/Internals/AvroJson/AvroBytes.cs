using SchemaRegistry.Serialization.Internals.AvroData;

namespace SchemaRegistry.Serialization.Internals.AvroJson;

/// <summary>The bytes of a message that are not written yet.</summary>
internal ref struct AvroBytes(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;
    private long _itemsLeft = data.Length + (long)AvroBinary.FreeItems;

    public readonly int Remaining => _data.Length - _at;

    public bool ReadBoolean() => AvroBinary.ReadBoolean(_data, ref _at);

    public int ReadInt() => AvroBinary.ReadInt(_data, ref _at);

    public long ReadLong() => AvroBinary.ReadLong(_data, ref _at);

    public float ReadFloat() => AvroBinary.ReadFloat(_data, ref _at);

    public double ReadDouble() => AvroBinary.ReadDouble(_data, ref _at);

    public ReadOnlySpan<byte> ReadBytes() => ReadFixed(ReadLong());

    public ReadOnlySpan<byte> ReadFixed(long length) => AvroBinary.Take(_data, ref _at, length);

    public long ReadItems() => AvroBinary.ReadItems(_data, ref _at, ref _itemsLeft);
}
