using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Invocation;

/// <summary>Adds commands and options to the errors of the lower layers, which do not know the command line.</summary>
internal static class Cures
{
    /// <returns>The message of the exception, and what to do about it.</returns>
    public static string Describe(Exception e) => e switch
    {
        WindowStoreUnavailableException { NeedsMigration: true } => $"{e.Message} Run `grainsensors migrate` first.",
        WindowStoreUnavailableException { IsMissing: true } =>
            $"{e.Message} Name an existing store with --store, or run the command in the directory of the pipeline.",
        KafkaUnavailableException { MissingTopicOption: nameof(KafkaOptions.LogTopic) } =>
            $"{e.Message} Check the address and --log-topic.",
        KafkaUnavailableException { MissingTopicOption: nameof(KafkaOptions.DeadLetterTopic) } =>
            $"{e.Message} Check the address and --dlq-topic.",
        _ => e.Message,
    };
}
