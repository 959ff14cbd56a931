namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Postgres</c>: the database of a cluster.</summary>
internal sealed class PostgresOptions
{
    /// <summary>In the driver's keyword form, <c>Host=…;Username=…;Password=…;Database=…</c>, or a URI, <c>postgres://user@host/database</c>.</summary>
    public string? ConnectionString { get; set; }
}
