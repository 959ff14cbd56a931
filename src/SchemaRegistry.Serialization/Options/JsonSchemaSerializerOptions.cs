using System.Text.Json;

namespace SchemaRegistry.Serialization;

/// <summary>Options of <see cref="JsonSchemaSerializer"/>.</summary>
public sealed class JsonSchemaSerializerOptions : SchemaSerializerOptions
{
    /// <summary>Options of System.Text.Json.</summary>
    public JsonSerializerOptions Json { get; set; } = JsonSerializerOptions.Web;

    /// <summary>The JSON schema of messages that are written; null means the latest version of the subject.</summary>
    public string? Schema { get; set; }

    /// <summary>Whether messages are checked against their schema, those that are written and those that are read.</summary>
    public bool Validate { get; set; } = true;

    /// <summary>How long the latest version of a subject counts as the latest.</summary>
    public TimeSpan LatestVersionLifetime { get; set; } = TimeSpan.FromMinutes(5);

    internal override void Check()
    {
        base.Check();
        Require(Schema is not "", nameof(Schema), "a JSON schema or null", Schema);
        Require(
            LatestVersionLifetime >= TimeSpan.Zero, nameof(LatestVersionLifetime), "a duration of at least 0", LatestVersionLifetime);
    }
}
