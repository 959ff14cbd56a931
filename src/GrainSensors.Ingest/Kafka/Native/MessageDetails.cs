using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>What the client knows of a message besides what lies in its struct; asked for where somebody wants it, for each answer is a call.</summary>
internal static unsafe partial class MessageDetails
{
    static MessageDetails() => KafkaLibrary.Load();

    /// <returns>Kafka's timestamp of the message, ms since the epoch; 0: it has none.</returns>
    public static long AppendedAt(in NativeMessage message) => Math.Max(0, Native.Timestamp(AddressOf(in message), out _));

    /// <returns>The last header of this name, in the client's memory until the message is released; empty: there is none.</returns>
    public static ReadOnlySpan<byte> Header(in NativeMessage message, string name) =>
        Native.Headers(AddressOf(in message), out var headers) == 0 && Native.LastHeader(headers, name, out var value, out var length) == 0
            ? new(value, checked((int)length))
            : default;

    /// <summary>Messages lie in the client's memory, where nothing moves them.</summary>
    private static nint AddressOf(in NativeMessage message) => (nint)Unsafe.AsPointer(ref Unsafe.AsRef(in message));

    private static partial class Native
    {
        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_message_timestamp")]
        public static partial long Timestamp(nint message, out int kind);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_message_headers")]
        public static partial int Headers(nint message, out nint headers);

        [LibraryImport(KafkaLibrary.Name, EntryPoint = "rd_kafka_header_get_last", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int LastHeader(nint headers, string name, out byte* value, out nuint length);
    }
}
