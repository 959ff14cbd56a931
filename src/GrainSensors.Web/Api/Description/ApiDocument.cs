using System.Globalization;
using GrainSensors.Hosting.Configuration;
using Microsoft.AspNetCore.Http;
using GrainSensors.Core.Readings;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace GrainSensors.Web.Api.Description;

/// <summary>The OpenAPI document of the API.</summary>
internal static class ApiDocument
{
    private static readonly (string Name, OpenApiSecurityScheme Scheme)[] Schemes =
    [
        ("bearer", new() { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An access key as a bearer token." }),
        ("api_key", new()
        {
            Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "An access key in a header.",
        }),
    ];

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Readings", "Readings from devices and gateways."),
        ("Sensors", "Sensors with their condition and latest readings."),
        ("Registry", "What people say about sensors: names, tags, places, rules."),
        ("Windows", "Statistics of a sensor over its windows."),
        ("Alerts", "Alerts, their acknowledgement, and silences."),
        ("Rules", "Alert rules as data."),
        ("Contacts", "Contact points, routes of alerts to them, and notifications."),
        ("Reports", "Reports of a day."),
        ("Events", "Changes as they occur."),
        ("Status", "The state of the cluster."),
        ("Access", "Sessions, device keys and the audit log."),
    ];

    private static readonly Dictionary<string, OpenApiMediaType> Empty = [];

    /// <param name="prefix">Only paths with this prefix are in the document.</param>
    public static void Describe(OpenApiOptions options, string prefix)
    {
        // HEAD is answered like GET, without a description of its own.
        options.ShouldInclude = endpoint => endpoint.HttpMethod != HttpMethods.Head
            && endpoint.RelativePath is { } path && $"/{path}".StartsWith(prefix, StringComparison.Ordinal);
        options.AddDocumentTransformer((document, context, _) =>
        {
            Describe(document, context.ApplicationServices.GetRequiredService<AccessRules>().Limits.PathBase);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(SensorRef))
            {
                schema.Type = JsonSchemaType.Integer | JsonSchemaType.String;
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            Describe(operation, metadata.OfType<ApiParameters>().LastOrDefault() ?? ApiParameters.None);
            DescribeTexts(operation);
            foreach (var header in metadata.OfType<AnswerHeader>())
            {
                Describe(operation, header);
            }

            if (metadata.OfType<OneOrManyBody>().Any())
            {
                TakeOneOrMany(operation);
            }

            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiDocument document, string pathBase)
    {
        document.Info = new()
        {
            Title = "GrainSensors",
            Version = "v1",
            Description = "Accepts sensor readings and serves sensors, windows, alerts, reports and events. Times are UTC in ISO 8601. "
                + "Without configured access keys no key is needed. A key with the role read is enough for GET; other methods need admin. "
                + "A device key may send readings only.",
            License = new() { Name = "MIT", Identifier = "MIT" },
        };

        // Without a host, as the silo does not know the one by which a proxy reaches it.
        document.Servers = [new() { Url = $"{pathBase}/" }];
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        document.Components ??= new();
        document.Components.SecuritySchemes =
            Schemes.ToDictionary(scheme => scheme.Name, IOpenApiSecurityScheme (scheme) => scheme.Scheme);
        document.Security =
            [.. Schemes.Select(scheme => new OpenApiSecurityRequirement { [new(scheme.Name, document)] = [] })];
    }

    private static void Describe(OpenApiOperation operation, ApiParameters described)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (described.All.FirstOrDefault(known => known.Name == parameter.Name) is not { } known)
            {
                continue;
            }

            parameter.Description = known.Description;
            parameter.Schema = known.Schema;
            if (known.IsRepeated)
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = known.Schema };
            }
            else if (known.IsList)
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Array, Items = known.Schema };
                (parameter.Style, parameter.Explode) = (ParameterStyle.Form, false);
            }
        }
    }

    private static void Describe(OpenApiOperation operation, AnswerHeader header)
    {
        if (operation.Responses?[header.Status.ToString(CultureInfo.InvariantCulture)] is OpenApiResponse answer)
        {
            (answer.Headers ??= new Dictionary<string, IOpenApiHeader>())[header.Name] =
                new OpenApiHeader { Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
    }

    /// <summary>An answer in a format other than JSON has no schema.</summary>
    private static void DescribeTexts(OpenApiOperation operation)
    {
        foreach (var (type, content) in operation.Responses?.Values.SelectMany(answer => answer.Content ?? Empty) ?? [])
        {
            if (type.StartsWith("text/", StringComparison.Ordinal))
            {
                content.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
            }
        }
    }

    /// <summary>The body is an item or an array of items. In a format of lines, each is an item.</summary>
    private static void TakeOneOrMany(OpenApiOperation operation)
    {
        foreach (var (type, content) in operation.RequestBody?.Content ?? Empty)
        {
            if (content.Schema is { Items: { } item } many)
            {
                content.Schema = type == "application/json" ? new OpenApiSchema { OneOf = [item, many] } : item;
            }
        }
    }
}

/// <summary>Metadata of an endpoint whose body is an array or one of its items.</summary>
internal sealed class OneOrManyBody;
