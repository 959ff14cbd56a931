using System.Reflection;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace GrainSensors.Ingest.Tests.Kafka;

/// <summary>An admin client with the responses of a test.</summary>
public class FakeAdmin : DispatchProxy
{
    public HashSet<string> Topics { get; private set; } = [];

    public List<TopicSpecification> Asked { get; } = [];

    /// <summary>The error for the creation of a topic; null creates the topic.</summary>
    public Func<string, ErrorCode?> Refusal { get; set; } = _ => null;

    /// <summary>The error of the whole request; null for a response by topic.</summary>
    public ErrorCode? Failure { get; set; }

    /// <summary>Whether a request for a topic by name creates it.</summary>
    public bool CreatesWhatIsAskedFor { get; set; }

    public static (IAdminClient Client, FakeAdmin Broker) With(params string[] topics)
    {
        var client = Create<IAdminClient, FakeAdmin>();
        var broker = (FakeAdmin)(object)client;
        broker.Topics = [.. topics];
        return (client, broker);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod?.Name, args?[0]) switch
    {
        (nameof(IAdminClient.CreateTopicsAsync), IEnumerable<TopicSpecification> topics) => CreateAsync([.. topics]),
        (nameof(IAdminClient.GetMetadata), string topic) => Describe(topic),
        (nameof(IAdminClient.GetMetadata), _) => new Metadata([], [.. Topics.Select(topic => Found(topic))], 1, "fake"),
        _ => throw new NotSupportedException($"The test does not expect {targetMethod}."),
    };

    private Task CreateAsync(List<TopicSpecification> topics)
    {
        Asked.AddRange(topics);
        if (Failure is { } failure)
        {
            throw new KafkaException(failure);
        }

        var reports = topics.ConvertAll(topic => new CreateTopicReport
        {
            Topic = topic.Name,
            Error = new(Refusal(topic.Name) ?? ErrorCode.NoError),
        });
        Topics.UnionWith(reports
            .Where(report => report.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists)
            .Select(report => report.Topic));
        return reports.Exists(report => report.Error.IsError) ? throw new CreateTopicsException(reports) : Task.CompletedTask;
    }

    private Metadata Describe(string topic)
    {
        if (CreatesWhatIsAskedFor)
        {
            // As in Kafka, the first response does not have the topic yet.
            var isThere = !Topics.Add(topic);
            return new([], [Found(topic, isThere ? ErrorCode.NoError : ErrorCode.LeaderNotAvailable)], 1, "fake");
        }

        return new([], [Found(topic, Topics.Contains(topic) ? ErrorCode.NoError : ErrorCode.UnknownTopicOrPart)], 1, "fake");
    }

    private static TopicMetadata Found(string topic, ErrorCode error = ErrorCode.NoError) =>
        new(topic, error == ErrorCode.NoError ? [new(0, 1, [1], [1], ErrorCode.NoError)] : [], error);
}
