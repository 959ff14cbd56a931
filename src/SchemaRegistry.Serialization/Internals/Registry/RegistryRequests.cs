using System.Net;
using System.Text.RegularExpressions;
using Confluent.SchemaRegistry;

namespace SchemaRegistry.Serialization.Internals.Registry;

/// <summary>Asks the registry through Confluent's client, and tells refusals from outages.</summary>
internal sealed partial class RegistryRequests(ISchemaRegistryClient client)
{
    /// <summary>The error codes of a registry that does not have a subject, a version or a schema.</summary>
    private const int FirstNotFound = 40401;
    private const int LastNotFound = 40499;

    /// <param name="format">A format of the schema's text; null means the usual one of its type.</param>
    public Task<Schema> GetAsync(int id, string? format = null) =>
        CallAsync(() => client.GetSchemaAsync(id, format), $"the schema with the id {id}", id, null);

    public Task<RegisteredSchema> GetAsync(string subject, int version) => CallAsync(
        () => client.GetRegisteredSchemaAsync(subject, version, ignoreDeletedSchemas: false),
        $"version {version} of the subject \"{subject}\"", null, subject);

    public Task<RegisteredSchema> GetLatestAsync(string subject) =>
        CallAsync(() => client.GetLatestSchemaAsync(subject), $"the latest version of the subject \"{subject}\"", null, subject);

    public Task<int> RegisterAsync(string subject, Schema schema) => CallAsync(
        () => client.RegisterSchemaAsync(subject, schema, normalize: false), $"the schema for the subject \"{subject}\"", null, subject);

    public Task<RegisteredSchema> FindAsync(string subject, Schema schema) => CallAsync(
        () => client.LookupSchemaAsync(subject, schema, ignoreDeletedSchemas: true, normalize: false),
        $"the schema in the subject \"{subject}\"", null, subject);

    /// <summary>The id of a schema in a subject, which gets the schema first if that is allowed.</summary>
    public async Task<int> IdAsync(string subject, Schema schema, bool isRegistered) => isRegistered
        ? await RegisterAsync(subject, schema).ConfigureAwait(false)
        : (await FindAsync(subject, schema).ConfigureAwait(false)).Id;

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, string what, int? id, string? subject)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (SchemaRegistryException e) when (IsRefusal(e))
        {
            throw new SchemaFormatException($"The schema registry refuses {what}: {Sentence(e)}{Cure(e.Status)}", e)
            {
                SchemaId = id,
                Subject = subject,
            };
        }
        catch (SchemaRegistryException e)
        {
            var cure = e.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " Check the credentials."
                : e.Status is HttpStatusCode.NotFound ? " Check the URL of the registry."
                : "";
            throw new SchemaRegistryUnavailableException(
                $"The schema registry did not answer the request for {what}: {(int)e.Status} {Sentence(e)}{cure}", Inner(e));
        }
        catch (OperationCanceledException)
        {
            throw new SchemaRegistryUnavailableException($"The schema registry did not answer the request for {what} in time.");
        }
        catch (Exception e)
        {
            throw new SchemaRegistryUnavailableException(
                $"The schema registry did not answer the request for {what}: {Redact(e.Message)}", Inner(e));
        }
    }

    /// <summary>Whether the registry has judged the request. A proxy or another server may answer with the same HTTP status.</summary>
    private static bool IsRefusal(SchemaRegistryException e) => e.Status switch
    {
        HttpStatusCode.NotFound => e.ErrorCode is >= FirstNotFound and <= LastNotFound,
        HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => true,
        _ => false,
    };

    private static string Sentence(SchemaRegistryException e)
    {
        var text = Redact(e.Message).Trim();
        return text.Length == 0 ? $"error code {e.ErrorCode}." : text.EndsWith('.') ? text : $"{text}.";
    }

    private static string Cure(HttpStatusCode status) => status == HttpStatusCode.Conflict
        ? " Make the schema compatible with the versions of the subject, or use another subject."
        : "";

    /// <summary>The exception itself, unless its text has a secret.</summary>
    private static Exception? Inner(Exception e) => Redact(e.ToString()) == e.ToString() ? e : null;

    /// <summary>Removes user and password from addresses.</summary>
    private static string Redact(string text) => UserInfo().Replace(text, "//");

    [GeneratedRegex(@"//[^/\s@]*@")]
    private static partial Regex UserInfo();
}
