using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Tests.Shared.Registry;

/// <summary>A schema registry that speaks the HTTP API of Confluent's, in this process. Tests make it fail.</summary>
internal sealed class RegistryDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<RegisteredVersion> _versions = [];
    private readonly List<string> _requests = [];

    private RegistryDouble(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        _app = builder.Build();
        _app.Use(RefuseAsync);
        _app.MapGet("/schemas/ids/{id:int}", (int id, string? format) => Find(id, format));
        _app.MapGet("/subjects/{subject}/versions/{version}", (string subject, string version) => FindVersion(subject, version));
        _app.MapPost("/subjects/{subject}/versions", (string subject, JsonObject body) => Register(subject, body));
        _app.MapPost("/subjects/{subject}", (string subject, JsonObject body) => LookUp(subject, body));
    }

    /// <summary>The address of the registry.</summary>
    public string Url => _app.Urls.First();

    /// <summary>Answers every request with this status, and not as a registry does; null means normally.</summary>
    public int? Fails { get; set; }

    /// <summary>Answers with 503 after this number of requests.</summary>
    public int FailsAfter { get; set; } = int.MaxValue;

    /// <summary>The value of the Authorization header that requests need; null means any.</summary>
    public string? Authorization { get; set; }

    /// <summary>Completes when requests are answered; null means at once.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Subjects whose next version is incompatible.</summary>
    public HashSet<string> Incompatible { get; } = [];

    /// <summary>The requests so far: method and path.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<RegistryDouble> StartAsync(int port = 0)
    {
        var registry = new RegistryDouble(port);
        await registry._app.StartAsync();
        return registry;
    }

    /// <summary>Adds a schema of another application.</summary>
    /// <param name="serialized">The schema with <c>format=serialized</c>; null means the same.</param>
    /// <returns>The id of the schema.</returns>
    public int Add(
        string subject, string schema, string? type = null, string? serialized = null,
        params (string Name, string Subject, int Version)[] references)
    {
        lock (_gate)
        {
            var known = _versions.Find(version => version.Schema == schema);
            var added = new RegisteredVersion(
                subject, _versions.Count(version => version.Subject == subject) + 1, known?.Id ?? _versions.Count + 1, schema, type,
                serialized ?? schema, references);
            _versions.Add(added);
            return added.Id;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        int number;
        lock (_gate)
        {
            number = _requests.Count + 1;
            _requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        }

        if (Gate is { } gate)
        {
            await gate.Task.WaitAsync(context.RequestAborted);
        }

        if (Authorization is { } expected && context.Request.Headers.Authorization != expected)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { error_code = 401, message = "Unauthorized" });
        }
        else if ((number > FailsAfter ? 503 : Fails) is { } status)
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("<html>not a registry</html>");
        }
        else
        {
            await next(context);
        }
    }

    private IResult Find(int id, string? format)
    {
        lock (_gate)
        {
            return _versions.Find(version => version.Id == id) is { } found
                ? Json(found.Describe(isSerialized: format == "serialized", withSubject: false))
                : Error(404, 40403, "Schema not found");
        }
    }

    private IResult FindVersion(string subject, string version)
    {
        lock (_gate)
        {
            return _versions.FindLast(
                candidate => candidate.Subject == subject && (version == "latest" || $"{candidate.Version}" == version)) is { } found
                ? Json(found.Describe(isSerialized: false, withSubject: true))
                : Error(404, 40401, $"Subject '{subject}' not found.");
        }
    }

    private IResult Register(string subject, JsonObject body)
    {
        if (Incompatible.Contains(subject))
        {
            return Error(409, 409, "Schema being registered is incompatible with an earlier schema for the subject");
        }

        var (schema, type) = ($"{body["schema"]}", body["schemaType"]?.ToString());
        lock (_gate)
        {
            if (_versions.Find(version => version.Subject == subject && version.Schema == schema) is { } known)
            {
                return Json(new() { ["id"] = known.Id });
            }
        }

        var references = (body["references"] as JsonArray ?? [])
            .Select(reference => ($"{reference!["name"]}", $"{reference["subject"]}", (int)reference["version"]!));
        return Json(new() { ["id"] = Add(subject, schema, type, null, [.. references]) });
    }

    private IResult LookUp(string subject, JsonObject body)
    {
        lock (_gate)
        {
            return _versions.Find(version => version.Subject == subject && version.Schema == $"{body["schema"]}") is { } found
                ? Json(found.Describe(isSerialized: false, withSubject: true))
                : Error(404, _versions.Exists(version => version.Subject == subject) ? 40403 : 40401, "Schema not found");
        }
    }

    private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/vnd.schemaregistry.v1+json");

    private static IResult Error(int status, int code, string message) => Results.Text(
        JsonSerializer.Serialize(new { error_code = code, message }), "application/vnd.schemaregistry.v1+json", statusCode: status);

    private sealed record RegisteredVersion(
        string Subject, int Version, int Id, string Schema, string? Type, string Serialized,
        (string Name, string Subject, int Version)[] References)
    {
        public JsonObject Describe(bool isSerialized, bool withSubject)
        {
            var body = new JsonObject { ["schema"] = isSerialized ? Serialized : Schema };
            if (Type is not null and not "AVRO")
            {
                body["schemaType"] = Type;
            }

            if (References.Length > 0)
            {
                body["references"] = new JsonArray([.. References.Select(reference => new JsonObject
                {
                    ["name"] = reference.Name,
                    ["subject"] = reference.Subject,
                    ["version"] = reference.Version,
                })]);
            }

            if (withSubject)
            {
                (body["subject"], body["version"], body["id"]) = (Subject, Version, Id);
            }

            return body;
        }
    }
}
