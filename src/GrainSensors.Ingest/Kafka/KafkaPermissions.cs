using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Kafka;

/// <summary>The permissions (ACLs) that the pipeline needs; docs/operations.md lists them.</summary>
internal static class KafkaPermissions
{
    /// <summary>The prefix of all transactional ids: of requests with an Idempotency-Key, and of letters that are requeued.</summary>
    public const string TransactionalIds = "grainsensors-";

    /// <returns>What the user of an error lacks; null: it lacks no permission.</returns>
    public static string? Of(ErrorCode code) => code switch
    {
        ErrorCode.TopicAuthorizationFailed => "Read, Write and Describe on the topic",
        ErrorCode.GroupAuthorizationFailed => "Read on the group",
        ErrorCode.TransactionalIdAuthorizationFailed => $"Write and Describe on transactional ids with the prefix {TransactionalIds}",
        ErrorCode.ClusterAuthorizationFailed => "Create on the cluster, or create the topics",
        _ => null,
    };
}
