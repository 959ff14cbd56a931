using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization;

/// <summary>Options of all serializers.</summary>
public class SchemaSerializerOptions
{
    /// <summary>
    /// How topic and schema determine the subject: <c>TOPIC-value</c>, the name of the record, or both. JSON schemas without a
    /// <c>title</c> have no name.
    /// </summary>
    public SubjectNameStrategy SubjectNameStrategy { get; set; } = SubjectNameStrategy.Topic;

    /// <summary>
    /// Whether <see cref="ISchemaSerializer.SerializeAsync"/> registers schemas. Otherwise the subject must have the schema.
    /// </summary>
    public bool RegisterSchemas { get; set; } = true;

    /// <summary>Maximum number of schemas in the cache; beyond it, those that were used least recently are looked up again.</summary>
    public int MaxSchemas { get; set; } = 1000;

    /// <summary>Maximum number of cached negative answers: ids that the registry does not have, and invalid schemas.</summary>
    public int MaxNegativeAnswers { get; set; } = 1000;

    /// <summary>How long a negative answer counts, before the registry is asked again.</summary>
    public TimeSpan NegativeAnswerLifetime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long all look-ups fail at once, without a request, after the registry did not answer.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum number of look-ups under way; further ones fail as if the registry did not answer.</summary>
    public int MaxLookups { get; set; } = 64;

    /// <summary>The subject by the rules of all of Confluent's clients.</summary>
    internal string SubjectOf(string topic, string schemaName) => SubjectNameStrategy switch
    {
        SubjectNameStrategy.Record => schemaName,
        SubjectNameStrategy.TopicRecord => $"{topic}-{schemaName}",
        _ => $"{topic}-value",
    };

    /// <exception cref="ArgumentException">An option is invalid.</exception>
    internal virtual void Check()
    {
        Require(
            SubjectNameStrategy is SubjectNameStrategy.Topic or SubjectNameStrategy.Record or SubjectNameStrategy.TopicRecord,
            nameof(SubjectNameStrategy), "Topic, Record or TopicRecord", SubjectNameStrategy);
        Require(MaxSchemas >= 1, nameof(MaxSchemas), "at least 1", MaxSchemas);
        Require(MaxNegativeAnswers >= 1, nameof(MaxNegativeAnswers), "at least 1", MaxNegativeAnswers);
        Require(MaxLookups >= 1, nameof(MaxLookups), "at least 1", MaxLookups);
        Require(
            NegativeAnswerLifetime >= TimeSpan.Zero, nameof(NegativeAnswerLifetime), "a duration of at least 0", NegativeAnswerLifetime);
        Require(RetryDelay >= TimeSpan.Zero, nameof(RetryDelay), "a duration of at least 0", RetryDelay);
    }

    private protected static void Require(bool isValid, string option, string expected, object? value)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{option} must be {expected}; got \"{value}\".", option);
        }
    }
}
