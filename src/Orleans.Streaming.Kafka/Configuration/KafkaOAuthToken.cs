namespace Orleans.Configuration;

/// <summary>A token for the mechanism <c>OAUTHBEARER</c>.</summary>
/// <param name="Value">The token.</param>
/// <param name="ExpiresAt">When the token expires. The client asks for the next one after 80 % of its life.</param>
/// <param name="Principal">The principal of the token.</param>
/// <param name="Extensions">SASL extensions; null means none.</param>
public sealed record KafkaOAuthToken(
    [property: Redact] string Value, DateTimeOffset ExpiresAt, string Principal = "", IDictionary<string, string>? Extensions = null)
{
    /// <inheritdoc/>
    public override string ToString() => $"Token of \"{Principal}\" that expires at {ExpiresAt:O}";
}
