namespace GrainSensors.Sources.Tests.Presets;

/// <summary>Uplinks with every member that the documentation of their network server knows, with values of our own.</summary>
internal static class WholeUplinks
{
    /// <summary>
    /// https://www.chirpstack.io/docs/chirpstack/integrations/events.html, <c>up</c>, with the fields of its Protobuf message.
    /// </summary>
    public const string ChirpStack =
        """
        {
          "deduplicationId": "8b1f04a9-5a6e-4a8b-9c53-1a1f6c2f9d01",
          "time": "2026-11-24T09:15:00.775023+00:00",
          "deviceInfo": {
            "tenantId": "0b9c6a4e-6a7e-4c5f-8a53-33bb2d6f1a11", "tenantName": "Nursery",
            "applicationId": "2d1c3c5a-4a0f-4bb8-9d0c-7a70b8d3b0ce", "applicationName": "Greenhouse",
            "deviceProfileId": "5b7a2f0d-2d0e-4b60-8bd7-5f2b2d8d2b7d", "deviceProfileName": "EM300-TH",
            "deviceName": "bed-4", "devEui": "24e124136c000004", "deviceClassEnabled": "CLASS_A",
            "tags": { "bed": "4", "row": "2" }
          },
          "devAddr": "01a2b3c4", "adr": true, "dr": 5, "fCnt": 4021, "fPort": 85, "confirmed": false, "data": "AXVcA2cBAQRofQ==",
          "object": { "temperature": 25.7, "humidity": 62.5, "battery": 92.0, "door": { "open": false }, "model": "EM300" },
          "rxInfo": [
            {
              "gatewayId": "0016c001f1530001", "uplinkId": 42171, "gwTime": "2026-11-24T09:15:00.775023+00:00",
              "nsTime": "2026-11-24T09:15:00.801220+00:00", "timeSinceGpsEpoch": "1479978918.775s",
              "fineTimeSinceGpsEpoch": "1479978918.775023s", "rssi": -57, "snr": 10.2, "channel": 3, "rfChain": 1, "board": 1,
              "antenna": 1,
              "location": { "latitude": 53.55, "longitude": 9.99, "altitude": 12.5, "source": "GPS", "accuracy": 3.0 },
              "context": "E3OWOQ==", "metadata": { "region_config_id": "eu868", "region_common_name": "EU868" },
              "crcStatus": "CRC_OK"
            },
            { "gatewayId": "0016c001f1530002", "uplinkId": 1177, "rssi": -113, "snr": -4.5, "location": {}, "context": "b2sAAA==",
              "crcStatus": "CRC_OK" }
          ],
          "txInfo": {
            "frequency": 867100000,
            "modulation": { "lora": { "bandwidth": 125000, "spreadingFactor": 7, "codeRate": "CR_4_5" } }
          },
          "relayRxInfo": { "devEui": "24e124136c0000ff", "frequency": 868100000, "dr": 5, "snr": 9, "rssi": -60, "worChannel": 1 },
          "joinServerContext": { "sessionKeyId": "aa01" },
          "regionConfigId": "eu868"
        }
        """;

    /// <summary>https://www.thethingsindustries.com/docs/integrations/data-formats/, uplink messages, with all of their fields.</summary>
    public const string ThingsStack =
        """
        {
          "end_device_ids": {
            "device_id": "cellar-1", "application_ids": { "application_id": "house" },
            "dev_eui": "70B3D57ED0001122", "join_eui": "0000000000000001", "dev_addr": "260B1234"
          },
          "correlation_ids": ["as:up:01HG", "gs:conn:01HF", "gs:uplink:01HG", "ns:uplink:01HG", "rpc:/ttn.lorawan.v3.GsNs:01HG"],
          "received_at": "2026-11-24T10:15:01.310892406Z",
          "uplink_message": {
            "session_key_id": "AXA50A==", "f_port": 2, "f_cnt": 1834, "last_a_f_cnt_down": 12, "frm_payload": "gkHeAQ==",
            "decoded_payload": { "temperature": 19.5, "luminosity": 0.64, "leak": true, "status": "ok", "soil": { "moisture": 31 } },
            "decoded_payload_warnings": ["battery is low"],
            "normalized_payload": [{ "air": { "temperature": 19.5 } }], "normalized_payload_warnings": [],
            "rx_metadata": [{
              "gateway_ids": { "gateway_id": "gtw1", "eui": "9C5C8E00001A05C4" }, "time": "2026-11-24T10:15:01.098Z",
              "timestamp": 2463457000, "fine_timestamp": "98000123", "rssi": -35, "signal_rssi": -36, "channel_rssi": -35,
              "rssi_standard_deviation": 0.5, "snr": 5.2, "frequency_offset": "-2631", "gps_time": "2026-11-24T10:15:01.098Z",
              "location": { "latitude": 53.55, "longitude": 9.99, "altitude": 12, "source": "SOURCE_REGISTRY" },
              "uplink_token": "CiIKIAoUZXVpLTk=", "channel_index": 2, "received_at": "2026-11-24T10:15:01.100Z"
            }],
            "settings": {
              "data_rate": { "lora": { "bandwidth": 125000, "spreading_factor": 7, "coding_rate": "4/5" } },
              "frequency": "868300000", "timestamp": 2463457000, "time": "2026-11-24T10:15:01.098Z"
            },
            "received_at": "2026-11-24T10:15:01.103504Z", "confirmed": true, "consumed_airtime": "0.056576s",
            "packet_error_rate": 0.125,
            "locations": { "user": { "latitude": 53.55, "longitude": 9.99, "altitude": 10, "source": "SOURCE_REGISTRY" } },
            "version_ids": {
              "brand_id": "the-things-products", "model_id": "the-things-uno", "hardware_version": "1.0", "firmware_version": "quickstart",
              "band_id": "EU_863_870"
            },
            "network_ids": {
              "net_id": "000013", "ns_id": "EC656E0000000181", "tenant_id": "ttn", "cluster_id": "eu1",
              "cluster_address": "eu1.cloud.thethings.network"
            },
            "last_battery_percentage": { "f_cnt": 1800, "value": 88.6, "received_at": "2026-11-24T08:00:00Z" }
          },
          "simulated": true
        }
        """;
}
