using System.Text;

namespace SchemaRegistry.Serialization.Internals.AvroData;

/// <summary>Decodes Avro's binary encoding from memory, by the rules of <see cref="AvroBinary"/>.</summary>
internal sealed class BoundedDecoder(ReadOnlyMemory<byte> data) : Avro.IO.Decoder
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _at;
    private long _itemsLeft = data.Length + (long)AvroBinary.FreeItems;

    /// <summary>Number of bytes that are not decoded yet.</summary>
    public int Remaining => data.Length - _at;

    public void ReadNull()
    {
    }

    public bool ReadBoolean() => AvroBinary.ReadBoolean(data.Span, ref _at);

    public int ReadInt() => AvroBinary.ReadInt(data.Span, ref _at);

    public long ReadLong() => AvroBinary.ReadLong(data.Span, ref _at);

    public float ReadFloat() => AvroBinary.ReadFloat(data.Span, ref _at);

    public double ReadDouble() => AvroBinary.ReadDouble(data.Span, ref _at);

    public byte[] ReadBytes() => Take(ReadLong()).ToArray();

    public string ReadString() => Utf8.GetString(Take(ReadLong()));

    public int ReadEnum() => ReadInt();

    public long ReadArrayStart() => ReadItems();

    public long ReadArrayNext() => ReadItems();

    public long ReadMapStart() => ReadItems();

    public long ReadMapNext() => ReadItems();

    public int ReadUnionIndex() => ReadInt();

    public void ReadFixed(byte[] buffer) => ReadFixed(buffer, 0, buffer.Length);

    public void ReadFixed(byte[] buffer, int start, int length) => Take(length).CopyTo(buffer.AsSpan(start, length));

    public void SkipNull()
    {
    }

    public void SkipBoolean() => ReadBoolean();

    public void SkipInt() => ReadInt();

    public void SkipLong() => ReadLong();

    public void SkipFloat() => Take(sizeof(float));

    public void SkipDouble() => Take(sizeof(double));

    public void SkipBytes() => Take(ReadLong());

    public void SkipString() => Take(ReadLong());

    public void SkipEnum() => ReadInt();

    public void SkipUnionIndex() => ReadInt();

    public void SkipFixed(int len) => Take(len);

    private long ReadItems() => AvroBinary.ReadItems(data.Span, ref _at, ref _itemsLeft);

    private ReadOnlySpan<byte> Take(long length) => AvroBinary.Take(data.Span, ref _at, length);
}
