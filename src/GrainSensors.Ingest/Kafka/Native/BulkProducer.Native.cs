using System.Runtime.InteropServices;
using Orleans.Streaming.Kafka;

namespace GrainSensors.Ingest.Kafka.Native;

internal sealed unsafe partial class BulkProducer
{
    private static partial class Native
    {
        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_new")]
        public static partial nint NewConfiguration();

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_destroy")]
        public static partial void DestroyConfiguration(nint configuration);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Set(nint configuration, string name, string value, byte* error, nuint errorSize);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_conf_set_events")]
        public static partial void SetEvents(nint configuration, int events);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_new")]
        public static partial nint New(int type, nint configuration, byte* error, nuint errorSize);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_destroy")]
        public static partial void Destroy(nint client);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_set_log_queue")]
        public static partial int SetLogQueue(nint client, nint queue);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
        public static partial nint NewTopic(nint client, string topic, nint configuration);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_topic_destroy")]
        public static partial void DestroyTopic(nint topic);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_queue_get_main")]
        public static partial nint GetMainQueue(nint client);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_queue_destroy")]
        public static partial void DestroyQueue(nint queue);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_produce_batch")]
        public static partial int Produce(nint topic, int partition, int flags, NativeMessage* messages, int count);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_produceva")]
        public static partial nint Produce(nint client, ProduceArgument* arguments, nuint count);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_error_code")]
        public static partial int CodeOf(nint error);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_error_destroy")]
        public static partial void DestroyError(nint error);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_flush")]
        public static partial int Flush(nint client, int timeoutMs);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_queue_poll")]
        public static partial nint Poll(nint queue, int timeoutMs);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_type")]
        public static partial int TypeOf(nint happened);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_message_array")]
        public static partial nuint MessagesOf(nint happened, nint* messages, nuint size);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_error")]
        public static partial int ErrorOf(nint happened);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_error_string")]
        public static partial nint ErrorTextOf(nint happened);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_log")]
        public static partial int LogOf(nint happened, out nint facility, out nint text, out int level);

        [LibraryImport(KafkaNativeLibrary.Name, EntryPoint = "rd_kafka_event_destroy")]
        public static partial void DestroyEvent(nint happened);
    }
}
