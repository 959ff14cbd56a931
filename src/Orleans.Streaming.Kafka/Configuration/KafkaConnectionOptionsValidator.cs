using Microsoft.Extensions.Options;

namespace Orleans.Configuration;

/// <summary>
/// Checks <see cref="KafkaConnectionOptions"/> before a client is created. Each failure names the option, its value and the remedy,
/// and contains no secret.
/// </summary>
/// <remarks>
/// The properties of <see cref="KafkaConnectionOptions.Client"/> override options, so the validator checks the combination by their
/// values. librdkafka checks the properties themselves.
/// </remarks>
public sealed class KafkaConnectionOptionsValidator : IValidateOptions<KafkaConnectionOptions>
{
    private const string SecurityProtocols = "plaintext, ssl, sasl_plaintext or sasl_ssl";
    private const string SaslMechanisms = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KafkaConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var checks = new OptionChecks();
        checks.MustBe(
            options.SecurityProtocol is null || IsOneOf(SecurityProtocols, options.SecurityProtocol),
            nameof(options.SecurityProtocol), SecurityProtocols, options.SecurityProtocol);
        checks.MustBe(
            options.SaslMechanism is null || IsOneOf(SaslMechanisms, options.SaslMechanism),
            nameof(options.SaslMechanism), SaslMechanisms, options.SaslMechanism);
        if (checks.Failures.Count == 0)
        {
            CheckCombination(options, checks);
        }

        return checks.Failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(checks.Failures);
    }

    private static bool IsOneOf(string list, string value) =>
        list.Split([", ", " or "], StringSplitOptions.None).Contains(value, StringComparer.OrdinalIgnoreCase);

    private static void CheckCombination(KafkaConnectionOptions options, OptionChecks checks)
    {
        var protocol = Override(options, "security.protocol") ?? options.SecurityProtocol ?? "plaintext";
        if (protocol.StartsWith("sasl_", StringComparison.OrdinalIgnoreCase))
        {
            CheckSasl(options, protocol, checks);
        }
        else
        {
            // With another protocol the client would ignore the credentials and connect anonymously.
            var unused = options.SaslMechanism is not null ? nameof(options.SaslMechanism)
                : options.SaslUsername is not null ? nameof(options.SaslUsername)
                : options.SaslPassword is not null ? nameof(options.SaslPassword)
                : null;
            checks.MustBe(unused is null, nameof(options.SecurityProtocol), $"sasl_ssl or sasl_plaintext if {unused} is set", protocol);
        }

        if (options.CaLocation is { } location)
        {
            checks.MustBe(
                protocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase),
                nameof(options.SecurityProtocol), $"ssl or sasl_ssl if {nameof(options.CaLocation)} is set", protocol);
            var reason = ReasonUnreadable(location);
            checks.Require(
                reason is null,
                $"{nameof(options.CaLocation)} must be a readable PEM file or directory with CA certificates; "
                + $"got \"{location}\" ({reason}).");
        }
    }

    private static void CheckSasl(KafkaConnectionOptions options, string protocol, OptionChecks checks)
    {
        var mechanism = Override(options, "sasl.mechanism") ?? Override(options, "sasl.mechanisms") ?? options.SaslMechanism;
        if (mechanism is null)
        {
            checks.Require(
                false,
                $"{nameof(options.SaslMechanism)} is required if {nameof(options.SecurityProtocol)} is {protocol}; use {SaslMechanisms}.");
            return;
        }

        if (mechanism.StartsWith("SCRAM-", StringComparison.OrdinalIgnoreCase)
            || mechanism.Equals("PLAIN", StringComparison.OrdinalIgnoreCase))
        {
            RequireCredential(nameof(options.SaslUsername), Override(options, "sasl.username") ?? options.SaslUsername);
            RequireCredential(nameof(options.SaslPassword), Override(options, "sasl.password") ?? options.SaslPassword);
        }

        void RequireCredential(string key, string? value) => checks.Require(
            !string.IsNullOrEmpty(value), $"{key} is required if {nameof(options.SaslMechanism)} is {mechanism}.");
    }

    private static string? Override(KafkaConnectionOptions options, string property) => options.Client.GetValueOrDefault(property);

    /// <returns>The reason why the path cannot be read; null for a readable one.</returns>
    private static string? ReasonUnreadable(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                using var file = File.OpenRead(path);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return e is FileNotFoundException or DirectoryNotFoundException ? "file not found" : e.Message.TrimEnd('.');
        }
    }
}
