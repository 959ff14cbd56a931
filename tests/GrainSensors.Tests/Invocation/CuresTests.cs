using GrainSensors.Ingest.Kafka;
using GrainSensors.Invocation;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Tests.Invocation;

/// <summary>The command line adds commands and options to errors of the lower layers.</summary>
public sealed class CuresTests
{
    [Fact]
    public void A_store_without_tables_needs_the_migrate_command()
    {
        var error = new WindowStoreUnavailableException("The window store sqlite:a.db has no tables yet.") { NeedsMigration = true };

        Assert.Equal("The window store sqlite:a.db has no tables yet. Run `grainsensors migrate` first.", Cures.Describe(error));
    }

    [Fact]
    public void A_store_that_does_not_exist_is_not_to_be_created_empty()
    {
        var error = new WindowStoreUnavailableException("There is no file /a.db.") { IsMissing = true };

        Assert.Equal(
            "There is no file /a.db. Name an existing store with --store, or run the command in the directory of the pipeline.",
            Cures.Describe(error));
    }

    [Theory]
    [InlineData(nameof(KafkaOptions.LogTopic), "No topic. Check the address and --log-topic.")]
    [InlineData(nameof(KafkaOptions.DeadLetterTopic), "No topic. Check the address and --dlq-topic.")]
    [InlineData(null, "No topic.")]
    public void A_missing_topic_has_an_option(string? option, string expected) =>
        Assert.Equal(expected, Cures.Describe(new KafkaUnavailableException("No topic.") { MissingTopicOption = option }));
}
