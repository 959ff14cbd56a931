namespace GrainSensors.Sources.Configuration;

/// <summary>A schema registry that speaks the HTTP API of Confluent's.</summary>
public sealed record SchemaRegistryOptions
{
    /// <summary>Address such as <c>https://registry:8081</c>, or several, separated by commas.</summary>
    public string Url { get; init; } = "";

    /// <summary><c>user:password</c> for Basic authentication. Logs and errors never show it.</summary>
    public string? BasicAuthUserInfo { get; init; }

    /// <summary>PEM file with the certificate of an authority that is trusted beside those of the system.</summary>
    public string? SslCaLocation { get; init; }

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Url;
}
