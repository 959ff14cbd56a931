namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Postgres</c>: the database of a cluster.</summary>
internal sealed record PostgresOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Postgres";

    /// <summary>Database of a cluster: <c>Host=…;Database=…</c>, or a <c>postgres://</c> URI.</summary>
    [Redact]
    public string? ConnectionString { get; init; }

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;
}
