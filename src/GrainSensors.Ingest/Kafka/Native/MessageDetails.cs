using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

/// <summary>Reads parts of a message that are not in its struct. Each costs a native call.</summary>
internal static unsafe partial class MessageDetails
{
    static MessageDetails() => KafkaNativeLibrary.UseIn(typeof(MessageDetails).Assembly);

    /// <returns>Kafka's timestamp of the message in ms since the epoch; 0 without a timestamp.</returns>
    public static long AppendedAt(in NativeMessage message) => Math.Max(0, Native.Timestamp(AddressOf(in message), out _));

    /// <returns>The epoch of the leader that wrote the message; −1 if the broker does not say it.</returns>
    public static int LeaderEpoch(in NativeMessage message) => Native.LeaderEpoch(AddressOf(in message));

    /// <returns>The name of the topic in UTF-8, valid until the release of the message.</returns>
    public static ReadOnlySpan<byte> TopicOf(in NativeMessage message) =>
        MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Native.TopicName(message.Topic));

    /// <returns>The last header of this name, valid until the release of the message; empty without such a header.</returns>
    public static ReadOnlySpan<byte> Header(in NativeMessage message, string name) =>
        Native.Headers(AddressOf(in message), out var headers) == 0 && Native.LastHeader(headers, name, out var value, out var length) == 0
            ? new(value, checked((int)length))
            : default;

    /// <returns>A copy of everything besides the value.</returns>
    public static MessageAttributes Attributes(in NativeMessage message) =>
        new(message.HasKey ? message.Key.ToArray() : null, Headers(in message), Timestamp(in message));

    /// <returns>Kafka's timestamp of the message in ms since the epoch. Null if the message has none.</returns>
    public static long? Timestamp(in NativeMessage message) =>
        Native.Timestamp(AddressOf(in message), out var kind) is var timestamp && kind == (int)TimestampType.NotAvailable
            ? null
            : timestamp;

    /// <returns>A copy of the headers.</returns>
    public static IReadOnlyList<IHeader> Headers(in NativeMessage message)
    {
        if (Native.Headers(AddressOf(in message), out var headers) != 0)
        {
            return [];
        }

        var all = new List<IHeader>();
        while (Native.HeaderAt(headers, (nuint)all.Count, out var name, out var value, out var length) == 0)
        {
            var bytes = value == null ? null : new ReadOnlySpan<byte>(value, checked((int)length)).ToArray();
            all.Add(new Header(Marshal.PtrToStringUTF8((nint)name) ?? "", bytes));
        }

        return all;
    }

    /// <summary>A message is in the client's memory, so its address is fixed.</summary>
    private static nint AddressOf(in NativeMessage message) => (nint)Unsafe.AsPointer(ref Unsafe.AsRef(in message));

    private static partial class Native
    {
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_message_timestamp")]
        public static partial long Timestamp(nint message, out int kind);

        /// <remarks>It reads a field. It runs for each message, so the call must cost no more than that.</remarks>
        [SuppressGCTransition]
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_message_leader_epoch")]
        public static partial int LeaderEpoch(nint message);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_topic_name")]
        public static partial byte* TopicName(nint topic);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_message_headers")]
        public static partial int Headers(nint message, out nint headers);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_header_get_all")]
        public static partial int HeaderAt(nint headers, nuint index, out byte* name, out byte* value, out nuint length);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_header_get_last", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int LastHeader(nint headers, string name, out byte* value, out nuint length);
    }
}
