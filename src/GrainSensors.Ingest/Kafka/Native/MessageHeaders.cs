using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>The headers of a message to produce, in the client's memory.</summary>
/// <remarks>The managed client takes more than 1 µs for each header, several times as much as the rest of producing a message.</remarks>
internal unsafe ref partial struct MessageHeaders : IDisposable
{
    /// <summary>Longer texts are encoded on the heap.</summary>
    private const int StackSize = 1024;

    /// <summary>The length of a name that <see cref="AddText"/> and <see cref="AddNumber"/> take without the heap.</summary>
    private const int MaxOwnName = 64;

    private const int MaxDigits = 20;

    private nint _list;

    static MessageHeaders() => KafkaNativeLibrary.UseIn(typeof(MessageHeaders).Assembly);

    /// <param name="capacity">The number of headers.</param>
    public MessageHeaders(int capacity) => _list = Native.NewList((nuint)capacity);

    /// <summary>The list of headers, which the client takes over with a message.</summary>
    internal readonly nint List => _list;

    /// <param name="value">Null for a header without a value.</param>
    public readonly void Add(string name, byte[]? value)
    {
        var utf8 = (stackalloc byte[StackSize]);
        fixed (byte* first = value)
        {
            // The address of an empty value is not null.
            byte none;
            Add(Encode(name, utf8), value is null ? null : first == null ? &none : first, value?.Length ?? 0);
        }
    }

    public readonly void AddText(string name, string value)
    {
        var utf8 = (stackalloc byte[StackSize]);
        Add(name, Encode(value, utf8));
    }

    public readonly void AddNumber(string name, long value)
    {
        Span<byte> digits = stackalloc byte[MaxDigits];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Add(name, digits[..length]);
    }

    /// <summary>The client has taken the list over.</summary>
    internal void Taken() => _list = 0;

    public void Dispose()
    {
        if (_list != 0)
        {
            Native.DestroyList(_list);
            _list = 0;
        }
    }

    private static ReadOnlySpan<byte> Encode(string text, Span<byte> utf8) =>
        Encoding.UTF8.TryGetBytes(text, utf8, out var length) ? utf8[..length] : Encoding.UTF8.GetBytes(text);

    private readonly void Add(string name, ReadOnlySpan<byte> value)
    {
        var utf8 = (stackalloc byte[MaxOwnName]);
        fixed (byte* first = value)
        {
            byte none;
            Add(Encode(name, utf8), first == null ? &none : first, value.Length);
        }
    }

    private readonly void Add(ReadOnlySpan<byte> name, byte* value, int length)
    {
        fixed (byte* first = name)
        {
            _ = Native.Add(_list, first, name.Length, value, length);
        }
    }

    private static partial class Native
    {
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_headers_new")]
        public static partial nint NewList(nuint capacity);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_headers_destroy")]
        public static partial void DestroyList(nint list);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_header_add")]
        public static partial int Add(nint list, byte* name, nint nameLength, byte* value, nint length);
    }
}
