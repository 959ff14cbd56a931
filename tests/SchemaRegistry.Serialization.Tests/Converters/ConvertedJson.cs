using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SchemaRegistry.Serialization.Tests.Converters;

/// <summary>What a converter makes of a message, with an end: a converter leaves the limit of its output to the buffer.</summary>
internal sealed class ConvertedJson : IBufferWriter<byte>
{
    private const int Limit = 1 << 20;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public delegate void Writer(ReadOnlySpan<byte> message, Utf8JsonWriter json);

    /// <exception cref="OverflowException">The JSON is larger than 1 MiB.</exception>
    public static string Of(Writer write, ReadOnlySpan<byte> message)
    {
        var buffer = new ConvertedJson();
        var json = new Utf8JsonWriter(buffer, new()
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        write(message, json);
        json.Flush();
        return Encoding.UTF8.GetString(buffer._buffer.WrittenSpan);
    }

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) =>
        _buffer.WrittenCount < Limit ? _buffer.GetMemory(sizeHint) : throw new OverflowException();

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
