using Confluent.Kafka;
using GrainSensors.Ingest.Kafka;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>A user without a permission is told which one to give.</summary>
public sealed class KafkaPermissionTests
{
    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed, "give the user Read, Write and Describe on the topic.")]
    [InlineData(ErrorCode.GroupAuthorizationFailed, "give the user Read on the group.")]
    [InlineData(
        ErrorCode.TransactionalIdAuthorizationFailed,
        "give the user Write and Describe on transactional ids with the prefix grainsensors-.")]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, "give the user Create on the cluster, or create the topics.")]
    [InlineData(ErrorCode.Local_Transport, "check the address and that the broker runs.")]
    public async Task The_error_ends_with_its_cure(ErrorCode code, string cure)
    {
        var error = await Assert.ThrowsAsync<KafkaUnavailableException>(() => KafkaUnavailableException.GuardAsync(
            new KafkaOptions(), () => Task.FromException(new KafkaException(new Error(code)))));

        Assert.EndsWith($"; {cure}", error.Message, StringComparison.Ordinal);
    }
}
